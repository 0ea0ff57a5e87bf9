/** An id as models write it: 3, "3", "[3]", "Document 3", "³". Undefined for what is none. */
export function readId(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? value : undefined;
  if (typeof value !== "string" || value.length > longestId) return undefined;
  const [, digits] = /^\D*(\d{1,9})\D*$/.exec(plainDigits(value)) ?? [];
  return digits === undefined || /-\d/.test(value) ? undefined : Number(digits);
}

const longestId = 40;

/** A text whose digits are those of ASCII: superscripts, full width and other scripts have their own. */
export function plainDigits(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\p{Nd}/gu, (digit) => (digit <= "9" ? digit : String(valueOfDigit(digit.codePointAt(0) ?? 0))));
}

/** The digits of every script stand in order, ten in a row. */
function valueOfDigit(code: number): number {
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return code - zero;
}
