import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { type Line, printLines } from "./dispatch/line.ts";
import { measureAgain } from "./local/again.ts";
import { measureBeside } from "./local/beside.ts";
import { prepareModels } from "./local/models.ts";
import { measureQuality } from "./local/quality.ts";
import { measureReady } from "./local/ready.ts";
import { measureSpeed } from "./local/speed.ts";

/**
 * A model in the process, `local/`, beside the same work in Python: `node -C source bench/local.ts [--only speed,ready,
 * beside,again,quality] [--rounds 7] [--documents 100] [--seconds 5] [--every 1]`. Both take turns, one document a run, as many
 * threads as there are processors; medians. The model has the size of MiniLM-L6 and random weights, made here. `again`
 * needs a real model in ../shared and quality test collections as well; they are left out without them. `ready` and `beside` measure what
 * is built. Exits with 1 when a goal is missed. Linux, Python 3.10 or newer.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "speed,ready,beside,again,quality" },
    rounds: { type: "string", default: "7" },
    documents: { type: "string", default: "100" },
    seconds: { type: "string", default: "5" },
    every: { type: "string", default: "1" },
  },
});
const rounds = Number(values.rounds);
const shared = join(import.meta.dirname, "../../shared");
const models = await prepareModels();

const parts: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  speed: () => measureSpeed(models, Number(values.documents), rounds),
  ready: () => measureReady(models, rounds),
  beside: () => measureBeside(models, rounds, Number(values.seconds)),
  again: () => (existsSync(shared) ? measureAgain(shared, Number(values.documents), rounds) : nothingShared("again")),
  quality: () => (existsSync(shared) ? measureQuality(models, shared, Number(values.every)) : nothingShared("quality")),
};
let isMissed = false;
for (const name of values.only.split(",")) {
  const measure = parts[name];
  if (!measure) throw new Error(`--only knows ${Object.keys(parts).join(", ")}`);
  const lines = await measure();
  console.log(`\n${name}`);
  printLines(lines);
  isMissed ||= lines.some(({ pass }) => pass === false);
}
// Children of models that were used are idle, and end with this process.
process.exit(isMissed ? 1 : 0);

async function nothingShared(what: string): Promise<readonly Line[]> {
  console.log(`${shared} is not there: ${what} is not measured`);
  return [];
}
