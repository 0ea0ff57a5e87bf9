import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import { needs } from "../../../../test/support/programs.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { openStore } from "../open-store.ts";
import { testStore } from "../testing/test-store.ts";
import { openFolderStore } from "./folder-store.ts";

describe("a folder", () => {
  testStore(async () => {
    const folder = await createFolder();
    return {
      open: () => openFolderStore(join(folder.path, "batches")),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  });

  it("writes beside a name that is removed, the last one of its folder", async () => {
    await using folder = await createFolder();
    const stores = { one: await openFolderStore(folder.path), other: await openFolderStore(folder.path) };
    let last = "a/b/0";
    await stores.one.write(last, Buffer.from("0"));
    for (let name = 1; name < 60; name++) {
      await Promise.all([stores.one.write(`a/b/${name}`, Buffer.from("a")), stores.other.remove([last])]);
      last = `a/b/${name}`;
    }
    expect(await readdir(join(folder.path, "a", "b"))).toEqual(["59"]);
  });

  it("that is away, as a place to mount is that stands empty, is unavailable: what was in it may come back", async () => {
    await using folder = await createFolder();
    const path = join(folder.path, "shared");
    const store = await openFolderStore(path);
    await store.write("a", Buffer.from("a"));
    await expect(store.read("b")).rejects.toMatchObject({ code: "invalid_request" });
    await rename(path, join(folder.path, "away"));
    await mkdir(path);
    await expect(store.read("a")).rejects.toMatchObject({ code: "unavailable", retryable: true });
    await rm(path, { recursive: true });
    await expect(store.read("a")).rejects.toMatchObject({ code: "unavailable", retryable: true });
    await rename(join(folder.path, "away"), path);
    expect(Buffer.from(await store.read("a")).toString()).toBe("a");
  });

  it("that cannot be written is unavailable, and named to operators alone", async () => {
    await using folder = await createFolder({ file: "no folder" });
    const path = join(folder.path, "file", "batches");
    await expect(openFolderStore(path)).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: "the storage of batches cannot be used now; what waits goes on when it can",
      cause: { message: expect.stringContaining(path) },
    });
    await expect(openStore(path)).rejects.toMatchObject({ message: expect.stringContaining(path) });
  });

  it("takes nothing that is too large, says so, and keeps what was there", needs("bash"), async () => {
    await using folder = await createFolder();
    const program = fileURLToPath(new URL("../testing/write-too-much.ts", import.meta.url));
    // The shell's limit of file sizes stands in for a disk that is full: writing fails in its midst.
    const { stdout } = await promisify(execFile)("bash", [
      "-c",
      'ulimit -f 64 && exec "$0" "$@"',
      process.execPath,
      "-C",
      "source",
      program,
      folder.path,
    ]);
    const { code, message, reason, kept } = JSON.parse(stdout);
    expect({ code, kept, reason }).toEqual({
      code: "unavailable",
      kept: 7,
      reason: expect.stringContaining(folder.path),
    });
    expect(message).not.toContain(folder.path);
    expect(await readdir(join(folder.path, ".writing"))).toEqual([]);
  });

  it("loses what a process that is gone was writing, after a day, when it is opened", async () => {
    await using folder = await createFolder();
    const writing = join(folder.path, ".writing");
    await mkdir(writing);
    await writeFile(join(writing, "left"), "half of it");
    await writeFile(join(writing, "new"), "half of it");
    await utimes(join(writing, "left"), new Date(0), new Date(0));
    await (await openFolderStore(folder.path)).close();
    expect(await readdir(writing)).toEqual(["new"]);
  });
});
