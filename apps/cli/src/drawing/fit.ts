import { stripVTControlCharacters } from "node:util";

import { textWidth } from "./text-width.ts";

/**
 * Makes any text safe for one line of a terminal, and narrow enough. Escape sequences and control characters are
 * removed, because a document must not control the reader's terminal; white space collapses; text wider than `width`
 * columns is cut and ends in `…`.
 */
export function fit(text: string, width: number): string {
  const line = stripVTControlCharacters(text)
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "")
    .trim();
  if (textWidth(line) <= width) return line;
  let kept = "";
  let room = width - 1;
  graphemes ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of graphemes.segment(line)) {
    room -= textWidth(segment);
    if (room < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Like `padEnd`, counted in the columns that text takes on a terminal. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - textWidth(text))) + text;
}

/** Made by the first line that is too wide, because it loads what is known of all scripts. */
let graphemes: Intl.Segmenter | undefined;
