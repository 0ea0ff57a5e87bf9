import type { Output } from "../terminal.ts";
import { fit } from "./fit.ts";
import { painter } from "./painter.ts";
import { type Column, drawTable } from "./table.ts";
import { textWidth } from "./text-width.ts";

/**
 * A table with as many columns as fit into the terminal, from the left, and the names of those that do not; those without any value
 * are left out. Cells may hold anything: they become safe lines of at most `mostCell` columns.
 */
export function drawNarrowTable(
  given: readonly Column[],
  rows: readonly (readonly string[])[],
  { color, width }: Pick<Output, "color" | "width">,
): { readonly lines: readonly string[]; readonly hidden: readonly string[] } {
  const filled = [...given.keys()].filter((at) => rows.some((row) => (row[at] ?? "") !== ""));
  const columns = given.filter((_, at) => filled.includes(at));
  const cells = rows.map((row) => filled.map((at) => fit(row[at] ?? "", mostCell)));
  const widths = columns.map(({ heading }, at) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[at] ?? "")), textWidth(heading)),
  );
  let room = width;
  const shown = columns.filter((_, at) => {
    // Nothing behind the first that does not fit: a later narrow one in its place would be taken for it.
    if (room >= 0) room -= (widths[at] ?? 0) + (at === 0 ? 0 : gap);
    return at === 0 || room >= 0;
  }).length;
  const paint = painter(color);
  return {
    lines: drawTable(
      columns.slice(0, shown),
      cells.map((row) => row.slice(0, shown)),
      (heading) => paint("dim", heading),
    ),
    hidden: columns.slice(shown).map(({ heading }) => heading),
  };
}

/** Says which columns are not shown; nothing where all are. */
export function hiddenLine(hidden: readonly string[], { color }: Pick<Output, "color">): readonly string[] {
  if (hidden.length === 0) return [];
  return [painter(color)("dim", `not shown: ${hidden.join(", ")} (a wider terminal shows more, --json everything)`)];
}

const gap = 2;
/** Columns of a terminal. */
const mostCell = 24;
