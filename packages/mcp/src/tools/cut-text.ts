/** The beginning of a text in one line, `…` at its end where there is more. Never half of a character. */
export function cutLine(text: string, most: number): string {
  return cutText(
    text
      .slice(0, 2 * most + 1)
      .replaceAll(/\s+/gu, " ")
      .trim(),
    most,
  );
}

/** The beginning of a text, `…` at its end where there is more. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
