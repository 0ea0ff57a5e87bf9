import { padEnd, padStart } from "./fit.ts";
import { textWidth } from "./text-width.ts";

/**
 * One column of a table. Cells are plain text of one line; they are coloured after they are padded, because colour
 * codes must not count as width.
 */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
  /** Colours one padded cell. */
  readonly style?: (cell: string) => string;
}

/**
 * Lines of a table with two spaces between columns and none at their ends. Where the terminal is too narrow for it, each
 * row is a paragraph with a line for each cell.
 * @param width of the terminal, in columns; no limit when absent
 */
export function drawTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  styleHeadings: (text: string) => string,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const widths = columns.map((column, at) =>
    Math.max(...[column.heading, ...rows.map((row) => row[at] ?? "")].map(stringWidthOf)),
  );
  const tableWidth = widths.reduce((sum, wide) => sum + wide, gap.length * (columns.length - 1));
  if (tableWidth > width) return drawParagraphs(columns, rows, styleHeadings);
  const drawRow = (row: readonly string[], style: (cell: string, column: Column | undefined) => string): string => {
    const last = row.findLastIndex((cell) => cell !== "");
    const cells = row.slice(0, last + 1).map((cell, at) => {
      const column = columns[at];
      const padded =
        column?.align === "right"
          ? padStart(cell, widths[at] ?? 0)
          : at === last
            ? cell
            : padEnd(cell, widths[at] ?? 0);
      return style(padded, column);
    });
    return cells.join(gap);
  };
  const headings = columns.map(({ heading }) => heading);
  return [
    styleHeadings(drawRow(headings, (cell) => cell)),
    ...rows.map((row) => drawRow(row, (cell, column) => column?.style?.(cell) ?? cell)),
  ];
}

function drawParagraphs(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  styleHeadings: (text: string) => string,
): string[] {
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : [""]),
    ...columns.flatMap(({ heading, style }, column) => {
      const cell = row[column] ?? "";
      return cell === "" ? [] : [`${styleHeadings(heading)}${gap}${style?.(cell) ?? cell}`];
    }),
  ]);
}

const gap = "  ";
const stringWidthOf = (cell: string): number => textWidth(cell);
