/** How many lines had ended at a time, in milliseconds of a clock that is never set. */
export interface Sample {
  readonly at: number;
  readonly ended: number;
}

/** Milliseconds that are looked back on: a pause shows within that time, and single answers do not make it jump. */
const spanMs = 15_000;

/** The samples with one more, without those that lie too far back. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.findLastIndex(({ at }) => at <= sample.at - spanMs);
  return [...samples.slice(Math.max(0, last)), sample];
}

/** Lines a second; undefined until there are two samples. */
export function paceOf(samples: readonly Sample[]): number | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at) return undefined;
  return Math.max(0, last.ended - first.ended) / ((last.at - first.at) / 1_000);
}

/** Seconds until nothing is left; undefined where that cannot be said. */
export function secondsLeft(left: number, pace: number | undefined): number | undefined {
  return pace === undefined || pace <= 0 ? undefined : left / pace;
}
