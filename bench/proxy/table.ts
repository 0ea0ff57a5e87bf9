let columns = "";

/** Prints a row of a Markdown table as soon as it is known, with the header before the first. */
export function printRow(row: Readonly<Record<string, string>>): void {
  const names = Object.keys(row);
  if (columns !== names.join()) {
    columns = names.join();
    console.log(`\n| ${names.join(" | ")} |`);
    console.log(`|${names.map(() => "---").join("|")}|`);
  }
  console.log(`| ${Object.values(row).join(" | ")} |`);
}
