let header: readonly string[] | undefined;

/** Prints a row of a Markdown table as soon as it is known, with the header before the first. */
export function printRows(row: Readonly<Record<string, string>>): void {
  if (!header) {
    header = Object.keys(row);
    console.log(`| ${header.join(" | ")} |`);
    console.log(`|${header.map(() => "---").join("|")}|`);
  }
  console.log(`| ${header.map((name) => row[name] ?? "").join(" | ")} |`);
}
