/** What background work may add to the others' median, as a share of it. */
const mostDelay = 0.25;
/** The longest call, as a share of the others' usual duration: a wait for one does not double their 99th percentile. */
const longestCall = 1;
/** Calls are no larger than brings this part of the most documents in a time. */
const enough = 0.995;
/** Rests are at most so many times as long as a call. */
const longestRest = 20;

/** How background calls follow each other while others have nothing at the server. */
export interface CallSize {
  /** Of one call. */
  readonly documents: number;
  /** At one time: one, or a second that is on its way while the server works on the first. */
  readonly calls: 1 | 2;
  /** Milliseconds between the end of one and the beginning of the next. */
  readonly rest: number;
}

/** What others do at a server. */
export interface Others {
  /** Milliseconds that a call of theirs takes when nothing is in its way. */
  readonly usual: number;
  /** Share of the time that their calls take altogether; above 1 where the server works on several. */
  readonly load: number;
  /** The server works on so many calls at one time that others wait for none of them. */
  readonly isInNoWay: boolean;
}

/** Documents of calls: 1, 2, 3, 4, 6, 8, 12 … 3 · 2^11. */
const sizes: readonly number[] = [1, ...Array.from({ length: 11 }, (_, power) => [2 << power, 3 << power]).flat()];

/**
 * The smallest calls that bring nearly as much as any by which others are not delayed too much.
 * @param durationOf milliseconds that a call of so many documents takes alone
 * @param way milliseconds of a call in which the server does not work on it
 */
export function bestCallSize(durationOf: (documents: number) => number, way: number, others: Others): CallSize {
  const optionOf = (documents: number, calls: 1 | 2): Option => {
    const alone = durationOf(documents);
    const milliseconds = Math.max(alone, calls * (alone - way));
    const part = others.isInNoWay ? 1 : largestShare(milliseconds / others.usual, calls, others.load);
    return { documents, calls, duration: milliseconds, share: part, rate: (calls * documents * part) / milliseconds };
  };
  const options = sizes.flatMap((size) => [optionOf(size, 1), optionOf(size, 2)]).filter(isAllowed);
  const most = Math.max(...options.map(({ rate }) => rate));
  const good = options.filter(({ rate }) => rate >= enough * most).toSorted(bySize);
  const best = good[0] ?? optionOf(1, 1);
  const rest = best.duration * Math.min(longestRest, 1 / Math.max(best.share, Number.EPSILON) - 1);
  return { documents: best.documents, calls: best.calls, rest };

  function isAllowed({ duration, share, calls }: Option): boolean {
    return duration <= longestCall * others.usual && (calls === 1 ? share > 0 : share === 1);
  }
}

interface Option extends Pick<CallSize, "documents" | "calls"> {
  /** Milliseconds that each call takes. */
  readonly duration: number;
  /** Share of the time for which calls may be there. */
  readonly share: number;
  /** Documents a millisecond. */
  readonly rate: number;
}

function bySize(one: Option, other: Option): number {
  return one.calls * one.documents - other.calls * other.documents || one.calls - other.calls;
}

/**
 * For which share of the time in which others have nothing at the server calls may be there, so that the others' median grows
 * no more than it may; 0 or less where no call may. A time of 1 is the others' usual call. They wait for each other as in a queue M/D/1: at most t,
 * up to 1, with the probability (1 − load) · e^(load · t). Who finds calls there waits besides for any part of the first, and all of the second.
 */
function largestShare(duration: number, calls: 1 | 2, measured: number): number {
  const load = cautious(measured);
  const waitsAtMost = (time: number): number => (1 - load) * Math.exp(load * Math.max(0, time));
  const median = Math.max(0, Math.log(0.5 / (1 - load)) / load);
  const allowed = median + mostDelay * (1 + median);
  const one = duration / calls;
  const left = allowed - (calls - 1) * one;
  const withNone = waitsAtMost(allowed);
  const withCalls = left <= 0 ? 0 : (waitsAtMost(left) - waitsAtMost(left - one)) / (load * one);
  return withCalls >= 0.5 ? 1 : (withNone - 0.5) / (withNone - withCalls);
}

/** Others feel most at a load of a half, where the median is the first that waits; what is measured is only about right. */
function cautious(load: number): number {
  const [least, worst, error, most] = [0.01, 0.5, 0.12, 0.75];
  return Math.max(least, Math.min(load, worst), Math.min(load - error, most));
}
