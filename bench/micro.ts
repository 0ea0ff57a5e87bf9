import { parseArgs } from "node:util";

import { Bench } from "tinybench";

import { printLines } from "./dispatch/line.ts";
import { checkScoresSteps } from "./micro/check-scores.ts";
import { diversifySteps } from "./micro/diversify.ts";
import { keySteps } from "./micro/keys.ts";
import { topNSteps } from "./micro/top-n.ts";
import { parseSteps, parsing, validation } from "./micro/parse.ts";
import { planSteps } from "./micro/plan.ts";
import type { Step } from "./micro/step.ts";
import { deduplicateSteps } from "./micro/deduplicate.ts";
import { printRow } from "./proxy/table.ts";

/**
 * What the pure steps of a request cost, each by itself: `node -C source bench/micro.ts [--milliseconds 300] [--only
 * plan]`. Medians, by tinybench. Exits with 1 when the check of 1,000 documents costs more than parsing them did.
 */
const { values } = parseArgs({
  options: { milliseconds: { type: "string", default: "300" }, only: { type: "string", default: "" } },
});
const steps = [
  ...parseSteps(),
  ...deduplicateSteps(),
  ...keySteps(),
  ...planSteps(),
  ...checkScoresSteps(),
  ...topNSteps(),
  ...diversifySteps(),
];
const medians = new Map<string, number>();

for (const step of steps.filter(({ name }) => name.includes(values.only))) {
  const milliseconds = await measure(step);
  medians.set(`${step.name} ${step.documents}`, milliseconds);
  printRow({
    step: step.name,
    documents: step.documents.toLocaleString("en"),
    µs: (milliseconds * 1e3).toFixed(1),
    "ns a document": ((milliseconds * 1e6) / step.documents).toFixed(0),
  });
}
const lines = ["texts", "objects"].flatMap((kind) => {
  const share =
    (medians.get(`${validation} of ${kind} 1000`) ?? Number.NaN) /
    (medians.get(`${parsing} of ${kind} 1000`) ?? Number.NaN);
  if (Number.isNaN(share)) return [];
  return [{ what: `1,000 ${kind}: validation to parsing`, measured: share.toFixed(3), target: "< 1", pass: share < 1 }];
});
printLines(lines);
if (lines.some(({ pass }) => !pass)) process.exitCode = 1;

/** Milliseconds of one run, the median. */
async function measure({ name, run }: Step): Promise<number> {
  const bench = new Bench({ time: Number(values.milliseconds), iterations: 8, warmupIterations: 4, throws: true }).add(
    name,
    run,
  );
  await bench.run();
  const result = bench.getTask(name)?.result;
  return result && "latency" in result ? result.latency.p50 : Number.NaN;
}
