import stringWidth from "string-width";

import { padEnd, padStart } from "./fit.ts";

/** One column of a table. Cells are plain text of one line, coloured after they are padded so that colour never counts as width. */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
  /** Colours one padded cell. */
  readonly look?: (cell: string) => string;
}

/** Lines of a table with two spaces between columns and none at their ends. */
export function drawTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  lookOfHeadings: (text: string) => string,
): string[] {
  const widths = columns.map((column, at) =>
    Math.max(...[column.heading, ...rows.map((row) => row[at] ?? "")].map(stringWidthOf)),
  );
  const drawRow = (row: readonly string[], look: (cell: string, column: Column | undefined) => string): string => {
    const last = row.findLastIndex((cell) => cell !== "");
    const cells = row.slice(0, last + 1).map((cell, at) => {
      const column = columns[at];
      const padded =
        column?.align === "right"
          ? padStart(cell, widths[at] ?? 0)
          : at === last
            ? cell
            : padEnd(cell, widths[at] ?? 0);
      return look(padded, column);
    });
    return cells.join(gap);
  };
  const headings = columns.map(({ heading }) => heading);
  return [
    lookOfHeadings(drawRow(headings, (cell) => cell)),
    ...rows.map((row) => drawRow(row, (cell, column) => column?.look?.(cell) ?? cell)),
  ];
}

const gap = "  ";
const stringWidthOf = (cell: string): number => stringWidth(cell);
