import { settingsTable, settingsWithoutEffect } from "./settings-table.ts";

/** A part of a page that is generated from the code, between `<!-- name -->` and `<!-- /name -->`. */
export interface GeneratedPart {
  readonly page: URL;
  readonly name: string;
  render(): string;
}

export const generatedParts: readonly GeneratedPart[] = [
  { page: new URL("../../../docs/reference/settings.md", import.meta.url), name: "settings", render: settingsTable },
  {
    page: new URL("../../../docs/configuration.md", import.meta.url),
    name: "settings without effect",
    render: settingsWithoutEffect,
  },
];

/** The page with this part generated again. @throws Error when the page lacks its markers. */
export function renewPart(text: string, { page, name, render }: GeneratedPart): string {
  const [begin, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`${page.pathname} has no part between ${begin.trim()} and ${end.trim()}`);
  return text.slice(0, from + begin.length) + render() + text.slice(to);
}
