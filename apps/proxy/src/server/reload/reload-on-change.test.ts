import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { reloadOnChange } from "./reload-on-change.ts";

it("notices a change of a file that was made while the configuration was being read again", async () => {
  await using folder = await temporaryFolder({ config: "first" });
  const file = join(folder.path, "config");
  const read: string[] = [];
  const stop = reloadOnChange({
    files: () => [file],
    async reload() {
      read.push(await readFile(file, "utf8"));
      if (read.length === 1) await folder.write("config", "the third");
    },
  });
  onTestFinished(stop);
  await folder.write("config", "the second version");
  await expect.poll(() => read).toEqual(["the second version", "the third"]);
});

it("reads once what changed before a SIGHUP", async () => {
  await using folder = await temporaryFolder({ config: "first", other: "first" });
  const read: string[] = [];
  const stop = reloadOnChange({
    files: () => [join(folder.path, "config"), join(folder.path, "other")],
    async reload() {
      read.push(await readFile(join(folder.path, "config"), "utf8"));
    },
  });
  onTestFinished(stop);
  // Both at once, before the first poll.
  writeFileSync(join(folder.path, "config"), "the second version");
  process.emit("SIGHUP", "SIGHUP");
  await expect.poll(() => read).toEqual(["the second version"]);
  // The next change is noticed by looking, so the one before was looked at as well.
  await folder.write("other", "the second version");
  await expect.poll(() => read).toHaveLength(2);
});
