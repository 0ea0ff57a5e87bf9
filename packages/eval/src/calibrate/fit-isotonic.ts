import type { LabelledScore } from "./labelled-score.ts";

export interface Curve {
  /** Ascending, each once. */
  readonly scores: readonly number[];
  /** Never descending, 0 to 1. */
  readonly probabilities: readonly number[];
}

/**
 * The curve that never falls and is nearest to the labels by least squares: pool adjacent violators. Only the ends of its
 * level parts are kept, because straight lines lead from one to the next.
 */
export function fitIsotonic(labelled: readonly LabelledScore[]): Curve {
  const blocks: Block[] = [];
  for (const point of pointsOf(labelled)) {
    let block = point;
    for (
      let last = blocks.at(-1);
      last && last.relevant * block.count >= block.relevant * last.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = {
        from: last.from,
        to: block.to,
        count: last.count + block.count,
        relevant: last.relevant + block.relevant,
      };
    }
    blocks.push(block);
  }
  const ends = blocks.flatMap(({ from, to, count, relevant }) => {
    const probability = relevant / count;
    return from === to
      ? [[from, probability] as const]
      : ([
          [from, probability],
          [to, probability],
        ] as const);
  });
  return { scores: ends.map(([score]) => score), probabilities: ends.map(([, probability]) => probability) };
}

/** Neighbouring scores that share one probability. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly relevant: number;
}

/** Equal scores together, ascending. */
function pointsOf(labelled: readonly LabelledScore[]): readonly Block[] {
  const groups = Map.groupBy(labelled, ({ score }) => score);
  return [...groups]
    .map(([score, own]) => ({
      from: score,
      to: score,
      count: own.length,
      relevant: own.filter(({ isRelevant }) => isRelevant).length,
    }))
    .sort((one, other) => one.from - other.from);
}
