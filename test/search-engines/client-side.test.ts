import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { oracleRanking } from "../simulator/oracle.ts";
import { codeBlocks } from "./code-blocks.ts";
import { type EngineProxy, startEngineProxy } from "./engine-proxy.ts";
import { type StandIn, found, startQdrant, startVespa } from "./stand-ins.ts";

const run = promisify(execFile);
const examples = fileURLToPath(new URL("../../examples/search-engines/", import.meta.url));
const query = "What is the capital of the United States?";

let proxy: EngineProxy;
beforeAll(async () => void (proxy = await startEngineProxy()));
afterAll(() => proxy[Symbol.asyncDispose]());

describe.each([
  { name: "qdrant", variable: "QDRANT_URL", start: startQdrant },
  { name: "vespa", variable: "VESPA_URL", start: startVespa },
])("the program for $name", ({ name, variable, start }) => {
  it("prints the best two of what the engine found, with the scores of the proxy", async () => {
    await using engine = await start(found);
    const best = oracleRanking(
      query,
      found.map(({ text }) => text),
    ).slice(0, 2);
    const lines = best.map(({ index, score }) => `${score.toFixed(4)} ${found[index]?.id} ${found[index]?.text}\n`);
    expect(await search(engine)).toBe(lines.join(""));
  });

  it("asks nobody where the engine found nothing", async () => {
    await using engine = await start([]);
    expect(await search(engine, { DHEERA_AI_API_BASE: "http://127.0.0.1:9" })).toBe("");
  });

  it("ends with the reason where the proxy refuses its key", async () => {
    await using engine = await start(found);
    await expect(search(engine, { DHEERA_AI_API_KEY: "sk-nobody" })).rejects.toThrow("the key is not known");
  });

  async function search(engine: StandIn, more: Readonly<Record<string, string>> = {}): Promise<string> {
    const { stdout } = await run(process.execPath, ["-C", "source", `${examples}${name}/main.ts`], {
      env: { [variable]: engine.url, DHEERA_AI_API_BASE: proxy.url, DHEERA_AI_API_KEY: proxy.key, ...more },
    });
    return stdout;
  }
});

it("the program for vespa refuses a part of the hits", async () => {
  const errors = [
    { code: 12, summary: "Timed out", source: "capitals", message: "Timeout while waiting for sc0.num0" },
  ];
  await using engine = await startVespa(found, errors);
  const env = { VESPA_URL: engine.url, DHEERA_AI_API_BASE: proxy.url, DHEERA_AI_API_KEY: proxy.key };
  const ended = run(process.execPath, ["-C", "source", `${examples}vespa/main.ts`], { env });
  await expect(ended).rejects.toThrow("Timeout while waiting for sc0.num0");
});

it.each([
  ["milvus", "python", "main.py"],
  ["qdrant", "python", "main.py"],
  ["qdrant", "ts", "main.ts"],
  ["vespa", "python", "main.py"],
  ["vespa", "ts", "main.ts"],
])("the page of %s shows the program in %s as it is", async (name, language, file) => {
  expect(await codeBlocks(`${name}.md`, language)).toEqual([await readFile(`${examples}${name}/${file}`, "utf8")]);
});
