/** A text of this many tokens to the simulated tokenizer: four characters each. */
export function textOf(tokens: number, position: number): string {
  return `${position} `.padEnd(tokens * 4, "word ");
}

/** Texts of equal length. */
export function equalTexts(count: number, tokens: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => textOf(tokens, position));
}

/**
 * As sources deliver them: runs of long passages between runs of short ones. One in eight has 400 tokens, the others
 * 20.
 */
export function skewedTexts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => textOf(position % 128 < 16 ? 400 : 20, position));
}
