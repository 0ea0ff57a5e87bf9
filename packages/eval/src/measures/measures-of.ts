import type { Measure } from "./measure.ts";

/**
 * What a ranking is worth by the judgements of its query, by each measure's name, 0 to 1, as trec_eval computes it
 * (`ndcg_cut`, `recip_rank`, `recall`, `map`, `map_cut`, `P`). A document without a judgement, or with a grade below 1, is
 * not relevant. All measures are 0 for a query that has no relevant document. A document that comes up twice counts where
 * it comes up first.
 * @param ranking ids of documents, best first; for scores see `orderByScore`
 */
export function measuresOf(
  ranking: readonly string[],
  grades: ReadonlyMap<string, number>,
  measures: readonly Measure[],
): Readonly<Record<string, number>> {
  const judged = judge([...new Set(ranking)], grades);
  return Object.fromEntries(measures.map((measure) => [measure.name, compute[measure.kind](judged, measure.cutoff)]));
}

/** Grades from 1 on; lower ones are 0. */
interface Judged {
  /** Of the ranking, best first. */
  readonly found: readonly number[];
  /** Of all relevant documents, highest first. */
  readonly relevant: readonly number[];
}

function judge(ranking: readonly string[], grades: ReadonlyMap<string, number>): Judged {
  const relevant = [...grades.values()].filter((grade) => grade >= 1).sort((one, other) => other - one);
  return {
    found: ranking.map((id) => {
      const grade = grades.get(id) ?? 0;
      return grade >= 1 ? grade : 0;
    }),
    relevant,
  };
}

const compute: Readonly<Record<Measure["kind"], (judged: Judged, cutoff: number | undefined) => number>> = {
  ndcg: ({ found, relevant }, cutoff) => share(gain(found, cutoff), gain(relevant, cutoff)),

  mrr: ({ found }, cutoff) => {
    const first = found.slice(0, cutoff).findIndex((grade) => grade > 0);
    return first === -1 ? 0 : 1 / (first + 1);
  },

  recall: ({ found, relevant }, cutoff) => share(relevantIn(found.slice(0, cutoff)), relevant.length),

  map: ({ found, relevant }, cutoff) => {
    let hits = 0;
    let sum = 0;
    for (const [index, grade] of found.slice(0, cutoff).entries()) if (grade > 0) sum += ++hits / (index + 1);
    return share(sum, relevant.length);
  },

  p: ({ found }, cutoff = found.length) => share(relevantIn(found.slice(0, cutoff)), cutoff),
};

function gain(grades: readonly number[], cutoff: number | undefined): number {
  return grades.slice(0, cutoff).reduce((sum, grade, index) => sum + grade / Math.log2(index + 2), 0);
}

function relevantIn(grades: readonly number[]): number {
  return grades.reduce((count, grade) => (grade > 0 ? count + 1 : count), 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
