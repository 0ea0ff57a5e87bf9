/** The beginning of a text in one line, `…` at its end where there is more. Never half of a character. */
export function cutLine(text: string, most: number): string {
  let line = "";
  for (const [word] of text.matchAll(/\S+/gu)) {
    line += line === "" ? word : ` ${word}`;
    // No more of it is read than is shown: the rest may be millions of words.
    if (line.length > most) break;
  }
  return cutText(line, most);
}

/** The beginning of a text, `…` at its end where there is more. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
