import { count } from "../numbers.ts";

/** Values of one quantity along a line of a plot. */
export interface Axis {
  /** Where a value is, in units of the picture. */
  position(value: number): number;
  readonly ticks: readonly Tick[];
  readonly logarithmic: boolean;
  /** Where the values above 0 begin, when 0 stands apart from them: a logarithm has no 0. */
  readonly gap?: number;
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** From where to where in the picture; `from` may be the larger number, as it is for what grows upwards. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * An axis around these values, not from 0: differences are what people want to see.
 * @param bound the largest value that can be
 */
export function linearAxis(values: readonly number[], { from, to }: Range, bound = Infinity): Axis {
  const low = Math.min(...values);
  const high = Math.max(...values);
  // Equal values have a place in the middle, and no axis is finer than a measure is exact.
  const span = Math.max(high - low, Math.abs(high) / 1_000, 0.001);
  const room = span * 0.08;
  const step = niceStep((span + 2 * room) / 5);
  const least = Math.floor((low - room) / step) * step;
  const most = Math.max(high, Math.min(bound, Math.ceil((high + room) / step) * step));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: Math.floor((most - least) / step + 1e-9) + 1 }, (_, index) => {
    const value = least + index * step;
    return { value, label: withoutMinusZero(value.toFixed(digits)) };
  });
  return {
    position: (value) => from + ((value - least) / (most - least)) * (to - from),
    ticks,
    logarithmic: false,
  };
}

/**
 * An axis from 0 for amounts, which become more by factors where they span them: with a logarithm then, and 0 apart
 * from the others.
 */
export function amountAxis(values: readonly number[], { from, to }: Range): Axis {
  const above = values.filter((value) => value > 0);
  const low = Math.min(...above);
  const high = Math.max(...above);
  if (above.length === 0 || high / low < factorForLogarithm) return amountsFromZero(high, { from, to });
  const hasZero = above.length < values.length;
  const start = hasZero ? from + (to - from) * 0.14 : from;
  const room = 0.06 * Math.log10(high / low);
  const least = Math.log10(low) - room;
  const most = Math.log10(high) + room;
  return {
    position: (value) =>
      value > 0 ? start + ((Math.log10(value) - least) / (most - least)) * (to - start) : from + (to - from) * 0.05,
    ticks: [
      ...(hasZero ? [{ value: 0, label: "0" }] : []),
      ...roundBetween(least, most).map((value) => ({ value, label: decade(value) })),
    ],
    logarithmic: true,
    ...(hasZero && { gap: from + (to - from) * 0.1 }),
  };
}

const factorForLogarithm = 20;

/** Powers of ten between two exponents, with three times each where there are few, and not all where there are many. */
function roundBetween(least: number, most: number): readonly number[] {
  const first = Math.floor(least);
  const powers = Array.from({ length: Math.ceil(most) - first + 1 }, (_, index) => first + index);
  const within = powers.filter((power) => power >= least && power <= most);
  if (within.length < 3)
    return powers
      .flatMap((power) => [10 ** power, 3 * 10 ** power])
      .filter((value) => Math.log10(value) >= least && Math.log10(value) <= most);
  const every = Math.ceil(within.length / 6);
  return within.filter((_, index) => index % every === 0).map((power) => 10 ** power);
}

function amountsFromZero(high: number, { from, to }: Range): Axis {
  const top = high > 0 ? high : 1;
  const step = niceStep((top * 1.08) / 5);
  const most = Math.ceil((top * 1.08) / step) * step;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return {
    position: (value) => from + (value / most) * (to - from),
    ticks: Array.from({ length: Math.round(most / step) + 1 }, (_, index) => ({
      value: index * step,
      label: index === 0 ? "0" : digits === 0 ? count(index * step) : (index * step).toFixed(digits),
    })),
    logarithmic: false,
  };
}

/** The next of 1, 2, 5, 10, 20, 50 …, or of tenths of them. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((nice) => nice * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function decade(value: number): string {
  return value >= 1 ? count(value) : value.toFixed(Math.max(0, Math.round(-Math.log10(value))));
}

function withoutMinusZero(label: string): string {
  return /^-0\.?0*$/.test(label) ? label.slice(1) : label;
}
