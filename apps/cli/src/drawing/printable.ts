/**
 * Lines that a terminal may show, whoever wrote them: signs that would move its cursor, change what it does or turn the direction of a
 * line become spaces. Ends of lines and tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, " ");
}

/** Whether a text is one line without such signs, and not empty. */
export function isPrintableLine(text: string): boolean {
  return text !== "" && !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(text);
}
