/** Ends of lines, what moves a terminal's cursor, and what changes the direction of the text behind it. */
const controls = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;
/** Also within a sentence; what follows the address in brackets or quotes is not part of it. */
const addresses = /[a-z][a-z\d+.-]{0,20}:\/\/[^\s"'`<>(){},;]*/gi;

/**
 * One line of a text that another server wrote, fit to be repeated to callers and in logs: no address, which may be an
 * inner one or hold a password, and nothing that a terminal would obey.
 * @param most characters of the text that are looked at
 */
export function plainText(text: string, most: number): string {
  return text.slice(0, most).replaceAll(controls, " ").replaceAll(addresses, "(an address)").trim();
}
