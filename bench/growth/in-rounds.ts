import type { Point, Series } from "./figures.ts";

/** Figures of one size in one round, by name. */
export type Measured = Readonly<Record<string, number>>;

/** What was measured of each size, round by round. */
export type Rounds = ReadonlyMap<number, readonly Measured[]>;

/**
 * Measures all sizes in each round. Rounds come in pairs: one in an order by chance and one in the reverse of it, so that drift of the machine meets
 * all sizes alike.
 */
export async function inRounds(
  sizes: readonly number[],
  rounds: number,
  measure: (size: number) => Promise<Measured>,
): Promise<Rounds> {
  const measured = new Map(sizes.map((size): [number, Measured[]] => [size, []]));
  let order = [...sizes];
  for (let round = 0; round < rounds; round++) {
    order = round % 2 === 0 ? inSomeOrder(sizes) : order.toReversed();
    for (const size of order) measured.get(size)?.push(await measure(size));
  }
  return measured;
}

/** The rounds of several starts together. */
export function joined(parts: readonly Rounds[]): Rounds {
  const all = new Map<number, Measured[]>();
  for (const [size, measured] of parts.flatMap((part) => [...part])) {
    const before = all.get(size);
    if (before) before.push(...measured);
    else all.set(size, [...measured]);
  }
  return all;
}

/** Median and quartiles of one figure, for each size that has it. */
export function seriesOf(name: string, rounds: Rounds, figure: string): Series {
  const points = [...rounds].flatMap(([size, measured]): Point[] => {
    const numbers = measured.flatMap((one) => one[figure] ?? []);
    return numbers.length === 0 ? [] : [{ size, ...spreadOf(numbers) }];
  });
  return { name, points: points.toSorted((one, other) => one.size - other.size) };
}

function spreadOf(numbers: readonly number[]): Omit<Point, "size"> {
  return { low: quantile(numbers, 0.25), median: quantile(numbers, 0.5), high: quantile(numbers, 0.75) };
}

/** Linear between the two nearest. NaN of none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return below + (above - below) * (place - Math.floor(place));
}

/** Fisher and Yates. */
function inSomeOrder(sizes: readonly number[]): number[] {
  const order = [...sizes];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}
