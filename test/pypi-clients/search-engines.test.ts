import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { root } from "../../release/packages.ts";
import { type EngineProxy, startEngineProxy } from "../search-engines/engine-proxy.ts";
import { found, startVespa } from "../search-engines/stand-ins.ts";
import { oracleRanking } from "../simulator/oracle.ts";
import { findProgram, needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { pythonsWithClients } from "./python-environments.ts";

const run = promisify(execFile);
const query = "What is the capital of the United States?";
const texts = found.slice(0, 3).map(({ text }) => text);

describe("the programs of docs/search-engines in Python", needs("python3"), () => {
  let proxy: EngineProxy;
  let python: string;
  beforeAll(async () => {
    if (findProgram("python3") === undefined) return;
    [python = ""] = await pythonsWithClients(["engines"]);
    proxy = await startEngineProxy();
  });
  afterAll(() => proxy?.[Symbol.asyncDispose]());

  it("Milvus Lite, which asks the proxy by itself, returns what it found in the order of the scores", async () => {
    const printed = await search("milvus");
    const ranking = oracleRanking(query, texts);
    expect(printed).toBe(ranking.map(({ index, score }) => `${score.toFixed(4)} ${texts[index]}\n`).join(""));
  });

  it("a search of Milvus Lite fails with the reason where the proxy refuses its key", async () => {
    await expect(search("milvus", { DHEERA_AI_API_KEY: "sk-nobody" })).rejects.toThrow("Cohere API error 401: ");
  });

  it("Qdrant, in the memory of the program, has its candidates ranked", async () => {
    const ranking = oracleRanking(query, texts).slice(0, 2);
    const lines = ranking.map(({ index, score }) => `${score.toFixed(4)} ${index} ${texts[index]}\n`);
    expect(await search("qdrant")).toBe(lines.join(""));
  });

  it("pyvespa has the hits of a stand-in for Vespa ranked", async () => {
    await using vespa = await startVespa(found);
    const all = found.map(({ text }) => text);
    const ranking = oracleRanking(query, all).slice(0, 2);
    const lines = ranking.map(({ index, score }) => `${score.toFixed(4)} ${found[index]?.id} ${all[index]}\n`);
    expect(await search("vespa", { VESPA_URL: vespa.url })).toBe(lines.join(""));
  });

  it("pyvespa's program refuses a part of the hits", async () => {
    const errors = [{ code: 12, summary: "Timed out", source: "capitals", message: "Timeout while waiting for sc0" }];
    await using vespa = await startVespa(found, errors);
    await expect(search("vespa", { VESPA_URL: vespa.url })).rejects.toThrow("Timeout while waiting for sc0");
  });

  /** Runs a program of `examples/search-engines/` with this repository's own `dheera_ai`. */
  async function search(name: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    await using home = await createFolder();
    const { stdout } = await run(python, [join(root, "examples/search-engines", name, "main.py")], {
      cwd: home.path,
      env: {
        PATH: process.env["PATH"],
        HOME: home.path,
        LANG: "C.UTF-8",
        PYTHONDONTWRITEBYTECODE: "1",
        PYTHONPATH: join(root, "python/src"),
        DHEERA_AI_API_BASE: proxy.url,
        DHEERA_AI_API_KEY: proxy.key,
        ...more,
      },
    });
    return stdout;
  }
});
