/**
 * Round values from 0 up to at least `most`, in two to five steps, for the lines of a chart.
 * @param isCounted whole numbers only
 */
export function ticksUpTo(most: number, isCounted: boolean): readonly number[] {
  if (most <= 0) return isCounted ? [0, 1] : [0, 0.01];
  const step = Math.max(niceStep(most / 4), isCounted ? 1 : 0);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  // Products of fractions have long tails: 3 × 0.1 is not 0.3.
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** The next of 1, 2, 5, 10, 20, 50 …, or of tenths of them. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((nice) => nice * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}
