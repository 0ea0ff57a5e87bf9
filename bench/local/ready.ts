import { join } from "node:path";

import type { Line } from "../dispatch/line.ts";
import { median } from "../proxy/median.ts";
import { run } from "../proxy/processes.ts";
import { type Models, type Weights, kindsOfWeights, weightsFiles } from "./models.ts";
import { startPeer } from "./peer.ts";

/** Milliseconds from the first call of a process to its score, of the int8 model. */
const most = 400;

/** How soon a model serves: in a process of its own each time, the built product. Python loads only the model. */
export async function measureReady(models: Models, rounds: number): Promise<readonly Line[]> {
  const ours = { int8: [] as number[], fp32: [] as number[] };
  const python = { int8: [] as number[], fp32: [] as number[] };
  for (let round = 0; round <= rounds; round++)
    for (const weights of kindsOfWeights) {
      const [here, there] = [await firstScore(models, weights), await loadInPython(models, weights)];
      // The first of all rounds fills caches.
      if (round === 0) continue;
      ours[weights].push(here);
      python[weights].push(there);
    }
  return kindsOfWeights.map((weights) => {
    const milliseconds = median(ours[weights]);
    const what = `${weights}: first score of a process; Python loads the model in ${median(python[weights]).toFixed(0)} ms`;
    const measured = `${milliseconds.toFixed(0)} ms`;
    if (weights === "fp32") return { what, measured, target: "" };
    return { what, measured, target: `< ${most} ms`, pass: milliseconds < most };
  });
}

async function firstScore({ folders }: Models, weights: Weights): Promise<number> {
  const script = join(import.meta.dirname, "first-score.mjs");
  return Number(await run(process.execPath, [script, `local/${folders[weights]}`]));
}

async function loadInPython({ python, folders }: Models, weights: Weights): Promise<number> {
  await using peer = startPeer(python);
  const { seconds } = await peer.load({ folder: folders[weights], file: weightsFiles[weights], threads: 1 });
  return seconds * 1_000;
}
