const sample = 64;
const charactersPerWord = 4;

/** About how many tokens a text has: a quarter of its characters, or one each in scripts without spaces. Good for balancing, never for billing. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken(text)) + 1;
}

/** Between 1 (scripts whose characters are words) and 4 (Latin, Cyrillic, Greek …), judged by the beginning of the text. */
export function charactersPerToken(text: string): number {
  const length = Math.min(text.length, sample);
  if (length === 0) return charactersPerWord;
  let ideographs = 0;
  // From U+2E80 on: CJK, Hangul, emoji.
  for (let position = 0; position < length; position++) if (text.charCodeAt(position) >= 0x2e80) ideographs++;
  return charactersPerWord - (charactersPerWord - 1) * (ideographs / length);
}
