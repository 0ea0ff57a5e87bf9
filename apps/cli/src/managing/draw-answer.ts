import { fit, padEnd } from "../drawing/fit.ts";
import { drawNarrowTable, hiddenLine } from "../drawing/narrow-table.ts";
import { painter } from "../drawing/painter.ts";
import type { Output } from "../terminal.ts";
import { type ListColumn, cellOf, dollars, minute } from "./columns.ts";
import type { Row } from "./rows.ts";

/** One object on a terminal, or a list that belongs to it. */
export type Section =
  | { readonly row: Row }
  | { readonly title: string; readonly columns: readonly ListColumn[]; readonly rows: readonly Row[] };

/** Lines for a person: what has a value, field by field, then lists with a title each. */
export function drawAnswer(sections: readonly Section[], output: Output): string {
  const drawn = sections
    .map((section) => ("row" in section ? drawFields(section.row, output) : drawList(section, output)))
    .filter((lines) => lines.length > 0);
  return drawn.map((lines) => lines.join("\n")).join("\n\n");
}

function drawFields(row: Row, { color, width }: Output): readonly string[] {
  const paint = painter(color);
  const shown = Object.entries(row).flatMap(([name, value]) => {
    const text = amounts.has(name) ? dollars(value) : minute(cellOf(value));
    return unsaid.has(name) || isListOfObjects(value) || text === "" || text === "{}"
      ? []
      : [[fit(name, 40), text] as const];
  });
  const nameWidth = Math.max(0, ...shown.map(([name]) => name.length));
  // A key is to be copied whole, whatever the terminal's width.
  return shown.map(([name, text]) => {
    const room = name === "key" ? Number.POSITIVE_INFINITY : Math.max(20, width - nameWidth - 2);
    return `${paint("dim", padEnd(name, nameWidth))}  ${fit(text, room)}`;
  });
}

const amounts: ReadonlySet<string> = new Set(["spend", "max_budget", "soft_budget", "max_budget_in_team"]);

/** What stands in other fields too, for clients of LiteLLM, and what is said on standard error. */
const unsaid: ReadonlySet<string> = new Set(["litellm_budget_table", "max_budget_in_team", "token_id", "warnings"]);

/** Which is shown as a list of its own, or not here. */
function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.some((one) => typeof one === "object");
}

function drawList(
  { title, columns, rows }: Extract<Section, { readonly title: string }>,
  output: Output,
): readonly string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => columns.map((column) => column.of(row)));
  const { lines, hidden } = drawNarrowTable(columns, cells, output);
  return [painter(output.color)("bold", title), ...lines, ...hiddenLine(hidden, output)];
}
