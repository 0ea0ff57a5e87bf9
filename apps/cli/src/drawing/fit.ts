import stringWidth from "string-width";
import { stripVTControlCharacters } from "node:util";

/**
 * Makes any text safe and fit for one line of a terminal: escape sequences and control characters go (a document must not steer the
 * terminal of whoever reads it), white space collapses, and what is wider than `width` columns ends in `…`.
 */
export function fit(text: string, width: number): string {
  const line = stripVTControlCharacters(text)
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "")
    .trim();
  if (stringWidth(line) <= width) return line;
  let kept = "";
  let room = width - 1;
  for (const { segment } of graphemes.segment(line)) {
    room -= stringWidth(segment);
    if (room < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Like `padEnd`, counted in the columns that text takes on a terminal. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - stringWidth(text))) + text;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
