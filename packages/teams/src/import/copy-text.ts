/**
 * The cells of a line within a `COPY … FROM stdin` block: https://www.postgresql.org/docs/current/sql-copy.html, text format.
 * @returns null for cells that are null
 */
export function cellsOf(line: string): readonly (string | null)[] {
  return line.split("\t").map((cell) => (cell === "\\N" ? null : unescape(cell)));
}

const letters: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function unescape(cell: string): string {
  if (!cell.includes("\\")) return cell;
  return cell.replaceAll(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([^]))/g,
    (_, octal?: string, hex?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return letters[other ?? ""] ?? other ?? "";
    },
  );
}

/** The table and columns of `COPY public."LiteLLM_TeamTable" (team_id, team_alias) FROM stdin;`. */
export function readCopyHeader(
  line: string,
): { readonly table: string; readonly columns: readonly string[] } | undefined {
  const [, table, columns] = /^COPY (?:"?\w+"?\.)?"?(\w+)"? \((.*)\) FROM stdin;/.exec(line) ?? [];
  if (table === undefined || columns === undefined) return undefined;
  return { table, columns: columns.split(",").map((column) => column.trim().replaceAll('"', "")) };
}
