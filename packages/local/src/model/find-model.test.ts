import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import fc from "fast-check";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { findModel, type FoundModel } from "./find-model.ts";
import { listFiles, readJson } from "./model-folder.ts";
import { writeModel } from "./testing/make-model.ts";

const main = "0123456789abcdef0123456789abcdef01234567";
const old = "89abcdef0123456789abcdef0123456789abcdef";
const reranker = "models--BAAI--bge-reranker-base";

let folder: Awaited<ReturnType<typeof createFolder>>;
let cache: string;
beforeAll(async () => {
  folder = await createFolder();
  cache = join(folder.path, "hub");
  const repository = join(cache, reranker);
  await writeModel(repository, {
    "blobs/1111": { model_type: "bert" },
    "blobs/2222": 40,
    "refs/main": main,
    "refs/v1": `${old}\n`,
    "refs/refs/pr/7": old,
    "refs/broken": "no commit",
    "refs/gone": "a".repeat(40),
    [`snapshots/${old}/config.json`]: {},
  });
  await mkdir(join(repository, "snapshots", main, "onnx"), { recursive: true });
  await symlink("../../blobs/1111", join(repository, "snapshots", main, "config.json"));
  await symlink("../../../blobs/2222", join(repository, "snapshots", main, "onnx", "model.onnx"));
  // What a name that leads out of its folder would find.
  await writeModel(cache, { outside: main });
  await writeModel(join(cache, "models--gpt2"), { "refs/main": main, [`snapshots/${main}/config.json`]: {} });
  await writeModel(join(folder.path, "own model"), { "config.json": {} });
});
afterAll(() => folder[Symbol.asyncDispose]());

const find = (name: string): Promise<FoundModel> =>
  findModel(name, { environment: { HF_HUB_CACHE: cache }, directory: folder.path });

describe("a model in the cache of the Hub", () => {
  it.each([
    ["BAAI/bge-reranker-base", reranker, main],
    ["BAAI/bge-reranker-base@main", reranker, main],
    ["BAAI/bge-reranker-base@v1", reranker, old],
    ["BAAI/bge-reranker-base@refs/pr/7", reranker, old],
    [`BAAI/bge-reranker-base@${old}`, reranker, old],
    ["gpt2", "models--gpt2", main],
  ])("%s is found by what its refs say, or by its commit", async (name, repository, commit) => {
    expect(await find(name)).toMatchObject({
      name,
      folder: join(cache, repository, "snapshots", commit),
      revision: commit,
    });
  });

  it("is read through the links to its blobs", async () => {
    const found = await find("BAAI/bge-reranker-base");
    expect(await listFiles(found)).toEqual([
      { file: "config.json", bytes: 21 },
      { file: "onnx/model.onnx", bytes: 40 },
    ]);
  });

  it("may be in a folder that is a link to another disk", async () => {
    await using elsewhere = await createFolder();
    const path = join(cache, "models--far--away");
    await writeModel(path, { "blobs/1": {}, "refs/main": main });
    await mkdir(join(path, "snapshots", main), { recursive: true });
    await symlink("../../blobs/1", join(path, "snapshots", main, "config.json"));
    await rename(path, join(elsewhere.path, "model"));
    await symlink(join(elsewhere.path, "model"), path);
    try {
      expect(await listFiles(await find("far/away"))).toEqual([{ file: "config.json", bytes: 2 }]);
    } finally {
      await rm(path);
    }
  });

  it.each([
    ["BAAI/bge-reranker-large", "dheera_ai pull BAAI/bge-reranker-large"],
    ["BAAI/bge-reranker-base@v2", "dheera_ai pull BAAI/bge-reranker-base@v2"],
    ["BAAI/bge-reranker-base@gone", `no files of the commit ${"a".repeat(40)}`],
    ["BAAI/bge-reranker-base@broken", "no commit in its file refs/broken"],
    [`BAAI/bge-reranker-base@${"b".repeat(40)}`, `no files of the commit ${"b".repeat(40)}`],
    ["BAAI/bge-reranker-base@0123456", `a commit is written in full, here ${main}`],
  ])("%s is not there, and the error says what to do", async (name, remedy) => {
    await expect(find(name)).rejects.toMatchObject({
      code: "model_not_found",
      param: "model",
      permanent: true,
      message: expect.stringContaining(remedy),
    });
  });
});

describe("a folder", () => {
  it.each(["./own model", "./own model/"])("%s is relative to the directory", async (name) => {
    expect(await find(name)).toEqual({
      name,
      folder: join(folder.path, "own model"),
      revision: undefined,
      linksLeadTo: undefined,
    });
  });

  it("is found by its absolute path", async () => {
    const name = join(folder.path, "own model");
    expect(await find(name)).toMatchObject({ name, folder: name });
  });

  it("that is missing is named with the path that it would have", async () => {
    await expect(find("./nothing")).rejects.toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining(join(folder.path, "nothing")),
    });
  });
});

describe("a hostile name", () => {
  it.each([
    "../own model",
    "./../hub",
    "./a/../../b",
    "..",
    "",
    "a//b",
    "/etc/../etc",
    "BAAI/../../own model",
    "BAAI/..",
    "..--..",
    "a--b/c",
    "BAAI/bge-reranker-base@../../outside",
    "BAAI/bge-reranker-base@v1/../../../outside",
    "BAAI/bge-reranker-base@..\\..\\outside",
    "BAAI/bge-reranker-base@/etc",
    "BAAI/bge-reranker-base@a//b",
    "BAAI/bge-reranker-base@.hidden",
    "BAAI/bge-reranker-base@",
    "BAAI/bge\u0000",
    "./own\u0000model",
    "~/own model",
    "BAAI\\bge-reranker-base",
    "file:///etc",
    "a/b/c",
    "a/b.git",
    `${"a".repeat(97)}/b`,
  ])("%j is refused", async (name) => {
    await expect(find(name)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:invalid_request|model_not_found)$/),
      param: "model",
    });
  });

  it("never leads to another folder than that of a model in the cache or the one that it names", async () => {
    const piece = fc.constantFrom(
      "..",
      ".",
      "/",
      "\\",
      "@",
      "models--gpt2",
      "refs",
      "snapshots",
      main,
      "a",
      "\u0000",
      "%2e",
      "~",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const name = pieces.join("");
        const found = await find(name).catch(() => undefined);
        if (!found) return;
        if (found.revision !== undefined) expect(found.folder.startsWith(`${cache}/models--`)).toBe(true);
        else expect(name.split(/[/\\]/)).not.toContain("..");
      }),
    );
  });
});

describe("a link in the cache", () => {
  const anything = v.unknown();

  it("that leaves it is no file of the model, and refused where it is needed", async () => {
    const snapshot = join(cache, "models--evil--model", "snapshots", main);
    await writeModel(join(cache, "models--evil--model"), { "refs/main": main, [`snapshots/${main}/a.json`]: {} });
    await writeFile(join(folder.path, "secret.json"), '{"key": "secret"}');
    await symlink(join(folder.path, "secret.json"), join(snapshot, "config.json"));
    await symlink(folder.path, join(snapshot, "onnx"));
    const found = await find("evil/model");
    expect(await listFiles(found)).toEqual([{ file: "a.json", bytes: 2 }]);
    await expect(readJson(found, "config.json", anything)).rejects.toThrow(
      "local/evil/model: config.json is a link that leaves the cache",
    );
  });

  it("to a folder that is called almost like the cache leaves it", async () => {
    await writeModel(folder.path, { "hub-of-others/config.json": {} });
    const snapshot = join(cache, "models--near--by", "snapshots", main);
    await writeModel(join(cache, "models--near--by"), { "refs/main": main, [`snapshots/${main}/a.json`]: {} });
    await symlink(join(folder.path, "hub-of-others", "config.json"), join(snapshot, "config.json"));
    expect(await listFiles(await find("near/by"))).toEqual([{ file: "a.json", bytes: 2 }]);
  });

  it("in place of a snapshot is refused where it leaves it", async () => {
    await writeModel(join(cache, "models--evil--snapshot"), { "refs/main": main });
    await mkdir(join(cache, "models--evil--snapshot", "snapshots"));
    await symlink(join(folder.path, "own model"), join(cache, "models--evil--snapshot", "snapshots", main));
    await expect(find("evil/snapshot")).rejects.toThrow("is a link that leaves the cache");
  });

  it("that leads to itself is no file", async () => {
    const snapshot = join(cache, "models--round--about", "snapshots", main);
    await writeModel(join(cache, "models--round--about"), { "refs/main": main, [`snapshots/${main}/a.json`]: {} });
    await symlink("config.json", join(snapshot, "config.json"));
    await symlink(".", join(snapshot, "onnx"));
    const files = await listFiles(await find("round/about"));
    expect(files.map(({ file }) => file)).toEqual(["a.json", "onnx/a.json", "onnx/onnx/a.json"]);
  });
});
