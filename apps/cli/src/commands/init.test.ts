import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

import { starterConfig } from "./starter-config.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";

describe("dheera_ai init", () => {
  it("writes a configuration that is valid", async () => {
    await using other = await temporaryFile("other.txt", "");
    const file = join(dirname(other.path), "config.yaml");
    expect(await runInProcess(["init", file])).toEqual({
      code: 0,
      stdout: `Wrote ${file}. Start the proxy with: dheera_ai --config ${file}\n`,
      stderr: "",
    });
    expect(await readFile(file, "utf8")).toBe(starterConfig());
    const checked = await runInProcess(["--config", file, "--validate_config"]);
    expect(checked).toMatchObject({ code: 0, stdout: `${file} is valid: bm25, bge-reranker-base\n` });
  });

  it("does not change a file that exists, unless --force is given", async () => {
    await using mine = await temporaryFile("mine.yaml", "mine");
    const refused = await runInProcess(["init", mine.path]);
    expect(refused).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("mine.yaml exists already; --force replaces it"),
    });
    expect(await readFile(mine.path, "utf8")).toBe("mine");

    expect(await runInProcess(["init", mine.path, "--force"])).toMatchObject({ code: 0 });
    expect(await readFile(mine.path, "utf8")).toBe(starterConfig());
  });

  it("is what examples/config.yaml shows", async () => {
    const example = await readFile(new URL("../../../../examples/config.yaml", import.meta.url), "utf8");
    expect(example).toBe(starterConfig());
  });
});
