import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { createDheera } from "../../packages/dheera-ai/src/index.ts";
import { local } from "../../packages/local/src/index.ts";
import type { Line } from "../dispatch/line.ts";
import { median } from "../proxy/median.ts";

/**
 * A second query over the same documents, for an embedding model: with the vectors of the first and without.
 * @param shared the folder with `models/all-minilm-l6-v2`
 */
export async function measureAgain(shared: string, documents: number, rounds: number): Promise<readonly Line[]> {
  const folder = join(shared, "models/all-minilm-l6-v2");
  if (!existsSync(folder)) return [];
  const texts = await readTexts();
  const models = { kept: 16, none: 0 };
  await using dheera = createDheera({
    providers: [local()],
    model_list: Object.entries(models).map(([model_name, vector_cache_mb]) => ({
      model_name,
      dheera_ai_params: { model: `local/${folder}`, vector_cache_mb },
    })),
  });
  const ask = async (model: keyof typeof models, query: string, chosen: readonly string[]): Promise<number> => {
    const began = performance.now();
    await dheera.rerank({ model, query, documents: [...chosen] });
    return performance.now() - began;
  };
  await ask("kept", "which bin takes glass", texts.slice(0, 2));
  await ask("none", "which bin takes glass", texts.slice(0, 2));
  const first: number[] = [];
  const again: number[] = [];
  const computed: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // A word in front, so that no round knows the documents of another.
    const chosen = texts.slice(0, documents).map((text) => `${round} ${text}`);
    first.push(await ask("kept", "who clears ice from the pavement", chosen));
    again.push(await ask("kept", "a card that was lost", chosen));
    computed.push(await ask("none", "a card that was lost", chosen));
  }
  const row = (what: string, times: readonly number[]): Line => ({
    what: `${documents} documents of 90 tokens, ${what}`,
    measured: `${median(times).toFixed(1)} ms`,
    target: "",
  });
  return [
    row("asked the first time", first),
    row("asked again with another query", again),
    row("the same with vector_cache_mb: 0", computed),
    {
      what: "computing again beside vectors that are kept",
      measured: `${median(computed.map((time, round) => time / (again[round] ?? Number.NaN))).toFixed(1)} ×`,
      target: "",
    },
  ];
}

async function readTexts(): Promise<readonly string[]> {
  const file = await readFile(join(import.meta.dirname, "../../examples/town-guide/corpus.jsonl"), "utf8");
  return file
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).text);
}
