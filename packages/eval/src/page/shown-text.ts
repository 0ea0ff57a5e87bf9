/**
 * A text of a collection as the page shows it: cut after so many characters, never within one, and with a word where
 * nothing is left to see.
 */
export function shownText(text: string | undefined, most: number): string {
  if (text === undefined) return "(its text is not in the report)";
  if (text.trim() === "") return "(empty)";
  if (text.length <= most) return text.toWellFormed();
  return `${text
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, "")
    .toWellFormed()}…`;
}

/** A model's name where there is little room: the middle is left out. */
export function shortName(name: string, most = 28): string {
  if (name.length <= most) return name.toWellFormed();
  const half = Math.floor((most - 1) / 2);
  return `${name.slice(0, half).replace(/[\uD800-\uDBFF]$/, "")}…${name.slice(-half).replace(/^[\uDC00-\uDFFF]/, "")}`.toWellFormed();
}
