import { parseArgs } from "node:util";

import { runFaultRun } from "./run.ts";

/**
 * `node -C source test/teams/main.ts [--seconds 600] [--seed 1]`: the fault run by hand, with its figures. Exits with 1 where something
 * is not as it must be.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: "1" },
  },
});

const { problems, figures } = await runFaultRun({
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  log: (line) => console.log(line),
});
for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
for (const problem of problems) console.error(`PROBLEM: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
