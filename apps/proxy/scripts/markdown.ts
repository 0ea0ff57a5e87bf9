/** A page that is generated as a whole. */
export interface GeneratedPage {
  readonly page: URL;
  /** Its name in its folder. */
  readonly name: string;
  render(): string;
}

/** The first line of a page about providers. */
export const generatedFromProviders =
  "<!-- Made from the data of the providers by apps/proxy/scripts: change it there. -->";

/** 10,000 */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((text) => (text === "" ? " |" : ` ${text} |`)).join("")}`;
  return [line(headings), `|${"---|".repeat(headings.length)}`, ...rows.map(line)];
}

export function code(text: string | undefined): string {
  return text === undefined ? "" : `\`${text}\``;
}

/** A description as it may stand in a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll("\n", " ").replaceAll("|", "\\|");
}

export function fence(language: string, text: string): readonly string[] {
  return [`\`\`\`${language}`, text, "```", ""];
}
