import type { ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { largeShape, smallShape } from "../proxy/load/shapes.ts";
import { median } from "../proxy/median.ts";
import { printRow } from "../proxy/table.ts";
import { askProcess, startProcess } from "./process.ts";

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
const children: readonly ChildProcess[] = await Promise.all([before, before, now, now].map(startProcess));

for (const { name: shape, ...order } of [
  { ...smallShape, requests: 2_000 },
  { ...largeShape, requests: 200 },
]) {
  // V8 has optimised what it will after 15,000 to 20,000 small ones.
  for (const child of children) for (let times = 0; times < 10; times++) await askProcess(child, order);
  const measured = sides.map((): number[] => []);
  for (let round = 0; round < Number(values.rounds); round++)
    // Each goes first in turn.
    for (let turn = 0; turn < sides.length; turn++) {
      const side = (turn + round) % sides.length;
      const child = children[side];
      if (child) measured[side]?.push(await askProcess(child, order));
    }
  const [yardstick = []] = measured;
  for (const [side, name] of sides.entries()) {
    const own = measured[side] ?? [];
    const ratios = own.map((microseconds, round) => microseconds / (yardstick[round] ?? Number.NaN));
    const [low, high] = [quantile(ratios, 0.25), quantile(ratios, 0.75)];
    printRow({
      shape,
      process: name,
      "CPU µs, least": Math.min(...own).toFixed(2),
      "CPU µs, median": median(own).toFixed(2),
      "÷ least of before": (Math.min(...own) / Math.min(...yardstick)).toFixed(3),
      "÷ before, round by round": `${median(ratios).toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
    });
  }
}
for (const child of children) child.disconnect();

function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.round(share * (numbers.length - 1))] ?? Number.NaN;
}
