import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import * as v from "valibot";

import { type Shape, largeShape, smallShape } from "../proxy/load/shapes.ts";
import { median } from "../proxy/median.ts";
import { endWithUs } from "../proxy/processes.ts";
import { printRow } from "../proxy/table.ts";
import type { Order } from "./whole-requests.ts";

/**
 * What whole requests cost now and in another working copy, both built: `node -C source bench/micro/against.ts
 * --before ../other [--rounds 40]`. Core and one provider, without sockets. Processes take turns within each round, two of
 * each copy: the second ones say how much chance there is in a ratio.
 */
const { values } = parseArgs({
  options: { before: { type: "string" }, rounds: { type: "string", default: "40" } },
});
if (values.before === undefined) throw new Error("--before names a working copy of the commit to compare with");
const [before, now] = [resolve(values.before), join(import.meta.dirname, "../..")];
const sides = ["before", "before, again", "now", "now, again"] as const;
const children: readonly ChildProcess[] = await Promise.all([before, before, now, now].map(start));

for (const [shape, requests] of [
  [smallShape, 2_000],
  [largeShape, 200],
] as const) {
  // V8 has optimised what it will after 15,000 to 20,000 small ones.
  for (const child of children) for (let times = 0; times < 10; times++) await ask(child, shape, requests);
  const measured = sides.map((): number[] => []);
  for (let round = 0; round < Number(values.rounds); round++)
    // Each goes first in turn.
    for (let turn = 0; turn < sides.length; turn++) {
      const side = (turn + round) % sides.length;
      const child = children[side];
      if (child) measured[side]?.push(await ask(child, shape, requests));
    }
  const [yardstick = []] = measured;
  for (const [side, name] of sides.entries()) {
    const own = measured[side] ?? [];
    const ratios = own.map((microseconds, round) => microseconds / (yardstick[round] ?? Number.NaN));
    const [low, high] = [quantile(ratios, 0.25), quantile(ratios, 0.75)];
    printRow({
      shape: shape.name,
      process: name,
      "CPU µs, least": Math.min(...own).toFixed(2),
      "CPU µs, median": median(own).toFixed(2),
      "÷ least of before": (Math.min(...own) / Math.min(...yardstick)).toFixed(3),
      "÷ before, round by round": `${median(ratios).toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
    });
  }
}
for (const child of children) child.disconnect();

async function start(root: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "whole-requests.ts"), [root], { execArgv: ["-C", "source"] });
  endWithUs(child);
  await once(child, "message");
  return child;
}

async function ask(child: ChildProcess, { documents, bytes }: Shape, requests: number): Promise<number> {
  const answered = once(child, "message");
  child.send({ documents, bytes, requests } satisfies Order);
  return v.parse(v.number(), (await answered)[0]);
}

function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.round(share * (numbers.length - 1))] ?? Number.NaN;
}
