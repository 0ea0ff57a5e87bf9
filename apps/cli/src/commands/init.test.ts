import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { starterConfig } from "../starter-config.ts";
import { runCommandLine } from "../testing/command-line.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dheera-init-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("dheera_ai init", () => {
  it("writes a configuration that is valid", async () => {
    const { code, stdout } = await runCommandLine(["init"], { folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Wrote config.yaml. Start the proxy with: dheera_ai --config config.yaml\n" });
    const checked = await runCommandLine(["--config", "config.yaml", "--validate_config"], { folder });
    expect(checked).toMatchObject({ code: 0, stdout: "config.yaml is valid: bm25, bge-reranker-base\n" });
  });

  it("leaves a file that exists alone, unless it is told to replace it", async () => {
    const file = join(folder, "mine.yaml");
    await writeFile(file, "mine");
    const refused = await runCommandLine(["init", "mine.yaml"], { folder });
    expect(refused).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("mine.yaml exists already; --force replaces it"),
    });
    expect(await readFile(file, "utf8")).toBe("mine");

    expect(await runCommandLine(["init", "mine.yaml", "--force"], { folder })).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe(starterConfig);
  });
});
