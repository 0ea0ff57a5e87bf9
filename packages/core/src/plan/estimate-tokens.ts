/** Characters looked at: up to this many, and in a short text every sixteenth. */
const most = 32;
const nearest = 16;
const charactersPerWord = 4;

/**
 * About how many tokens a text has: a quarter of its characters, or one each in scripts without spaces. Good for
 * balancing, never for billing.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken(text)) + 1;
}

/**
 * Between 1 (scripts whose characters are words) and 4 (Latin, Cyrillic, Greek …), judged by characters from all over
 * the text.
 */
export function charactersPerToken(text: string): number {
  const step = text.length < nearest ? 1 : Math.max(nearest, Math.floor(text.length / most));
  let ideographs = 0;
  let looked = 0;
  // From U+2E80 on: CJK, Hangul, emoji.
  for (let position = 0; position < text.length; position += step, looked++)
    if (text.charCodeAt(position) >= 0x2e80) ideographs++;
  return looked === 0 ? charactersPerWord : charactersPerWord - (charactersPerWord - 1) * (ideographs / looked);
}
