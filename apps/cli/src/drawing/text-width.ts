import { createRequire } from "node:module";

/**
 * The columns that a text takes on a terminal. What knows that of letters beyond ASCII is loaded by the first of them: it makes tables
 * of the whole of Unicode, for as long as all the rest of a small command takes.
 */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  stringWidth ??= loadStringWidth();
  return stringWidth(text);
}

let stringWidth: ((text: string) => number) | undefined;

function loadStringWidth(): (text: string) => number {
  const required: typeof import("string-width") = createRequire(import.meta.url)("string-width");
  return required.default;
}
