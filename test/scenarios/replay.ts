import { runScenario } from "./run-scenario.ts";
import { createScenario, describeScenario } from "./scenario.ts";

/** Plays one scenario of the dispatch property tests again: `node -C source test/scenarios/replay.ts <seed>`. */
const seed = Number(process.argv[2]);
if (!Number.isInteger(seed)) throw new Error("which seed? node -C source test/scenarios/replay.ts <seed>");
process.stdout.write(`${describeScenario(createScenario(seed))}\n`);
process.stdout.write(`ended: ${await runScenario(seed)}\n`);
