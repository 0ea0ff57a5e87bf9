/** As `text.slice`, but never through the middle of a surrogate pair: half a character is refused by many servers. */
export function sliceWellFormed(text: string, start: number, end: number = text.length): string {
  return text.slice(isMiddle(text, start) ? start + 1 : start, isMiddle(text, end) ? end - 1 : end);
}

function isMiddle(text: string, position: number): boolean {
  return position > 0 && isLow(text.charCodeAt(position)) && isHigh(text.charCodeAt(position - 1));
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
