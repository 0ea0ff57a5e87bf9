import { drawTable } from "../drawing/table.ts";
import { painter } from "../drawing/painter.ts";
import type { Output } from "../terminal.ts";

/** @param states what became of each step, by its name */
export function drawSteps(states: ReadonlyMap<string, string>, output: Output): string[] {
  const paint = painter(output.color);
  const columns = [{ heading: "step" }, { heading: "state" }];
  return drawTable(
    columns,
    [...states].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    (heading) => paint("dim", heading),
    output.width,
  );
}
