import { join } from "node:path";

import type { Line } from "../dispatch/line.ts";
import { median } from "../proxy/median.ts";
import { run } from "../proxy/processes.ts";
import { type Models, type Weights, kindsOfWeights, weightsFiles } from "./models.ts";
import { startPeer } from "./peer.ts";

/** Milliseconds until the process of the int8 model serves. */
const most = 400;

/**
 * How soon a model serves, and how soon a program that starts with nothing has its first score, which has to load the
 * library and to read the model's files as well: a process of its own each time, the built product. Python loads only
 * the model.
 */
export async function measureReady(models: Models, rounds: number): Promise<readonly Line[]> {
  const figures = kindsOfWeights.map((weights) => ({
    weights,
    ready: [] as number[],
    firstScore: [] as number[],
    python: [] as number[],
  }));
  for (let round = 0; round <= rounds; round++)
    for (const { weights, ready, firstScore, python } of figures) {
      const measured = [
        await timeInProcess("time-to-ready.mjs", models, weights),
        await timeInProcess("first-score.mjs", models, weights),
        await loadInPython(models, weights),
      ] as const;
      // The first of all rounds fills caches.
      if (round === 0) continue;
      ready.push(measured[0]);
      firstScore.push(measured[1]);
      python.push(measured[2]);
    }
  return figures.flatMap(({ weights, ready, firstScore, python }) => {
    const untilReady = median(ready);
    const bound = weights === "int8" ? { target: `< ${most} ms`, pass: untilReady < most } : { target: "" };
    return [
      { what: `${weights}: from the start of its process until it serves`, measured: ms(untilReady), ...bound },
      { what: `${weights}: the same in Python, the process not counted`, measured: ms(median(python)), target: "" },
      {
        what: `${weights}: first score of a program that starts with nothing`,
        measured: ms(median(firstScore)),
        target: "",
      },
    ];
  });
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`;
}

async function timeInProcess(script: string, { folders }: Models, weights: Weights): Promise<number> {
  return Number(await run(process.execPath, [join(import.meta.dirname, script), `local/${folders[weights]}`]));
}

async function loadInPython({ python, folders }: Models, weights: Weights): Promise<number> {
  await using peer = startPeer(python);
  const { seconds } = await peer.load({ folder: folders[weights], file: weightsFiles[weights], threads: 1 });
  return seconds * 1_000;
}
