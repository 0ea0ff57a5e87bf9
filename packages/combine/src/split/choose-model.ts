/** A model and its part of the callers. */
export interface Share {
  readonly model: string;
  /** At least 0; parts of their sum. */
  readonly weight: number;
}

/**
 * The model whose part of the shares, laid end to end, holds this point.
 * @param point 0 up to 1, which it never is
 */
export function chooseModel(shares: readonly Share[], point: number): string {
  const serving = shares.filter(({ weight }) => weight > 0);
  const whole = serving.reduce((sum, { weight }) => sum + weight, 0);
  let rest = point * whole;
  for (const { model, weight } of serving) {
    if (rest < weight) return model;
    rest -= weight;
  }
  // Sums of fractions may end a little early.
  return serving.at(-1)?.model ?? "";
}

/** A point in 0..1 that is always the same for the same text, and spread evenly over texts: FNV-1a, then mixed. */
export function pointOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  // The mixing at the end of MurmurHash3: texts that differ in their last letter differ in every bit.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
