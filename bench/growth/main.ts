import { execFileSync } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";

import { concurrency } from "./concurrency.ts";
import type { Curve } from "./curve.ts";
import { deployments } from "./deployments.ts";
import { documents } from "./documents.ts";
import { type Figures, writeFigures } from "./figures.ts";
import { keys } from "./keys.ts";
import { printPanel } from "./print-panel.ts";
import { replicas } from "./replicas.ts";
import { printMissing } from "../proxy/programs.ts";

/**
 * How costs grow: `node -C source bench/growth/main.ts [--only documents,concurrency,…] [--rounds 6] [--seconds 0.4] [--warm-up 8000] [--write]`, after
 * `pnpm build`. The built proxy before a stub upstream, both processes of their own; what counts is the processor time of the proxy. The sizes of a
 * curve take turns in each round, in an order by chance and then in its reverse; shown are medians and quartiles over the rounds. `--write` keeps the
 * figures in `bench/growth/figures/`, from which `node -C source bench/growth/picture/make-plots.ts` draws the pictures of docs/performance.md. Linux only.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    /** Of each curve; better even. */
    rounds: { type: "string", default: "6" },
    /** Of load on each size in each round. */
    seconds: { type: "string", default: "0.4" },
    /** Requests that each proxy answers before. */
    "warm-up": { type: "string", default: "8000" },
    write: { type: "boolean", default: false },
  },
});
const curves: Readonly<Record<string, Curve>> = { documents, deployments, keys, concurrency, replicas };
const plan = { rounds: Number(values.rounds), seconds: Number(values.seconds), enough: Number(values["warm-up"]) };
const chosen = values.only?.split(",") ?? Object.keys(curves);

printMissing("nginx");
for (const name of chosen) {
  const curve = curves[name];
  if (!curve) throw new Error(`--only ${name}: the curves are ${Object.keys(curves).join(", ")}`);
  const figures = await measure(curve);
  const { node, commit, load, seconds } = figures.conditions;
  console.log(`\n## ${curve.title}\nNode.js ${node}, commit ${commit}, load ${load.join(" to ")}, ${seconds} s`);
  for (const panel of figures.panels) printPanel(curve.sizes, panel);
  if (values.write) writeFigures(name, figures);
}

async function measure({ title, sizes, measure: run }: Curve): Promise<Figures> {
  const before = loadNow();
  const began = performance.now();
  const panels = [...(await run(plan))];
  return {
    title,
    sizes,
    panels,
    conditions: {
      date: new Date().toISOString().slice(0, 10),
      commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
      node: process.versions.node,
      processors: availableParallelism(),
      load: [before, loadNow()],
      rounds: plan.rounds,
      seconds: Math.round((performance.now() - began) / 1000),
    },
  };
}

function loadNow(): number {
  return Number((loadavg()[0] ?? 0).toFixed(1));
}
