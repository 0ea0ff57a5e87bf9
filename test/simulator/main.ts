import { parseArgs } from "node:util";

import { type Fault, randomly } from "./faults/faults.ts";
import type { SimulatorOptions } from "./options.ts";
import { startSimulator } from "./simulator.ts";

/**
 * The simulator as a process of its own: prints its URL, answers `{ "stats": … }` to every message of its parent, and
 * ends with it. Options are those of `SimulatorOptions` in kebab case, and `--fault-rate 0..1` with `--seed`.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string" },
    "api-key": { type: "string" },
    version: { type: "string" },
    "max-concurrent-requests": { type: "string" },
    "max-input-length": { type: "string" },
    "max-batch-tokens": { type: "string" },
    "max-client-batch-size": { type: "string" },
    "microseconds-per-token": { type: "string" },
    "milliseconds-per-batch": { type: "string" },
    pads: { type: "boolean", default: false },
    "fault-rate": { type: "string" },
    seed: { type: "string" },
  },
});
const simulator = await startSimulator(readOptions());
process.stdout.write(`${simulator.url}\n`);
process.on("message", () => process.send?.({ stats: simulator.stats }));
process.on("disconnect", () => process.exit());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close());

function readOptions(): SimulatorOptions {
  const options = {
    port: readNumber("port"),
    apiKey: values["api-key"],
    version: values.version,
    maxConcurrentRequests: readNumber("max-concurrent-requests"),
    maxInputLength: readNumber("max-input-length"),
    maxBatchTokens: readNumber("max-batch-tokens"),
    maxClientBatchSize: readNumber("max-client-batch-size"),
    microsecondsPerToken: readNumber("microseconds-per-token"),
    millisecondsPerBatch: readNumber("milliseconds-per-batch"),
    pads: values.pads,
    script: readScript(),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function readScript(): SimulatorOptions["script"] {
  const rate = readNumber("fault-rate");
  const faults: [Fault, ...Fault[]] = [
    { kind: "reset" },
    { kind: "refuse", status: 429 },
    { kind: "refuse", status: 503 },
    { kind: "refuse", status: 500 },
    { kind: "death" },
  ];
  return rate === undefined ? undefined : randomly(rate, faults, readNumber("seed") ?? 0);
}

function readNumber(name: Exclude<keyof typeof values, "pads">): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isNaN(number)) throw new Error(`--${name} takes a number, not "${text}"`);
  return number;
}
