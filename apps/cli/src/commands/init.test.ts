import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

import { starterConfig } from "./starter-config.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";
import { fillHubCache } from "../../../../test/support/hub-cache.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";

/** What is in the cache of the machine's owner decides nothing. */
const withoutModels = { HF_HUB_CACHE: "/nowhere" };

describe("dheera_ai init", () => {
  it("writes a configuration that is valid", async () => {
    await using other = await temporaryFile("other.txt", "");
    const file = join(dirname(other.path), "config.yaml");
    expect(await runInProcess(["init", file], { environment: withoutModels })).toEqual({
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
    const refused = await runInProcess(["init", mine.path], { environment: withoutModels });
    expect(refused).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("mine.yaml exists already; --force replaces it"),
    });
    expect(await readFile(mine.path, "utf8")).toBe("mine");

    expect(await runInProcess(["init", mine.path, "--force"], { environment: withoutModels })).toMatchObject({
      code: 0,
    });
    expect(await readFile(mine.path, "utf8")).toBe(starterConfig());
  });

  it("begins with a neural model that is on this machine, with a cross-encoder where there are several kinds", async () => {
    await using folder = await createFolder();
    const environment = { HF_HUB_CACHE: join(folder.path, "cache") };
    await fillHubCache(environment.HF_HUB_CACHE, {
      "acme/embeddings": "bi-encoder-mean",
      "acme/reranker": "cross-encoder",
    });
    const file = join(folder.path, "config.yaml");
    expect(await runInProcess(["init", file], { environment })).toEqual({
      code: 0,
      stdout: `Wrote ${file}, with local/acme/reranker, which is on this machine. Start the proxy with: dheera_ai --config ${file}\n`,
      stderr: "",
    });
    expect(await readFile(file, "utf8")).toBe(starterConfig({ localModel: "acme/reranker" }));
    const checked = await runInProcess(["--config", file, "--validate_config"], { environment });
    expect(checked).toMatchObject({ code: 0, stdout: `${file} is valid: reranker, bm25, fused, bge-reranker-base\n` });
    expect(checked.stderr).not.toContain("reranker cannot serve now");
  });

  it("recommends a fusion of that model and of the order of the search, which ranks at once", async () => {
    await using folder = await createFolder();
    const environment = { HF_HUB_CACHE: join(folder.path, "cache") };
    await fillHubCache(environment.HF_HUB_CACHE, { "acme/embeddings": "bi-encoder-mean" });
    const file = join(folder.path, "config.yaml");
    await runInProcess(["init", file], { environment });
    const ask = ["rerank", "--config", file, "--model", "fused", "--output", "json", "--query", "the river"];
    const { code, stdout } = await runInProcess([...ask, "a mountain", "the river"], { environment });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      meta: { score_kind: "fused", stages: [{ model: "embeddings" }] },
    });
  });

  it("shows entries for a neural model and a fusion with it that serve once their marks of a comment are gone and the model is there", async () => {
    await using folder = await createFolder();
    const environment = { HF_HUB_CACHE: join(folder.path, "cache") };
    await fillHubCache(environment.HF_HUB_CACHE, { "cross-encoder/ms-marco-MiniLM-L6-v2": "cross-encoder" });
    const file = join(folder.path, "config.yaml");
    const text = starterConfig()
      .replace(/^  # (- model_name: ms-marco.*\n)  # (.*\n)  # (.*\n)/m, "  $1  $2  $3")
      .replace(/^  # (- model_name: fused.*\n)  # (.*\n)  # (.*\n)  # (.*\n)/m, "  $1  $2  $3  $4");
    expect(text).not.toBe(starterConfig());
    await writeFile(file, text);
    expect(await runInProcess(["--config", file, "--validate_config"], { environment })).toMatchObject({
      code: 0,
      stdout: `${file} is valid: ms-marco-MiniLM-L6-v2, bm25, fused, bge-reranker-base\n`,
    });
  });

  it("is what examples/config.yaml shows", async () => {
    const example = await readFile(new URL("../../../../examples/config.yaml", import.meta.url), "utf8");
    expect(example).toBe(starterConfig());
  });
});
