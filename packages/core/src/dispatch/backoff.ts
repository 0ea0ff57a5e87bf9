const first = 100;
const longest = 8_000;

/** Milliseconds before retry `n` (from 1): doubling from 100 ms to 8 s, half of it random so that clients do not come back together, and never before `least` seconds. */
export function backoff(n: number, least: number, random: () => number = Math.random): number {
  const ceiling = Math.min(longest, first * 2 ** (n - 1));
  return Math.max(least * 1000, ceiling * (0.5 + random() / 2));
}
