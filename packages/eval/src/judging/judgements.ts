/** What is to be judged: for each query the documents that rankings brought up, in an order that says nothing of them. */
export interface JudgingTask {
  readonly queries: readonly { readonly id: string; readonly documents: readonly string[] }[];
}

/** What a person said of a document: 2 relevant, 1 partly, 0 not; or nothing, having seen it. */
export type Verdict = 0 | 1 | 2 | "skipped";

/** One time that somebody said it. The last one of a pair counts. */
export interface Judgement {
  readonly query: string;
  readonly document: string;
  readonly verdict: Verdict;
}

/** By query and document. */
export type Judgements = ReadonlyMap<string, ReadonlyMap<string, Verdict>>;

export const noJudgements: Judgements = new Map();

/** What has been said in the end. */
export function judgementsOf(history: Iterable<Judgement>): Judgements {
  const judgements = new Map<string, Map<string, Verdict>>();
  for (const { query, document, verdict } of history) {
    const ofQuery = judgements.get(query) ?? new Map<string, Verdict>();
    if (ofQuery.size === 0) judgements.set(query, ofQuery);
    ofQuery.set(document, verdict);
  }
  return judgements;
}

export function withJudgement(judgements: Judgements, { query, document, verdict }: Judgement): Judgements {
  return new Map(judgements).set(query, new Map(judgements.get(query)).set(document, verdict));
}

export function verdictOf(judgements: Judgements, query: string, document: string): Verdict | undefined {
  return judgements.get(query)?.get(document);
}

export function isInTask({ queries }: JudgingTask, query: string, document: string): boolean {
  return queries.some(({ id, documents }) => id === query && documents.includes(document));
}

/** How many pairs of query and document were judged. */
export interface JudgingProgress {
  readonly pairs: number;
  readonly judged: number;
  readonly skipped: number;
  /** Pairs that nobody has seen yet. */
  readonly left: number;
  /** Queries with nothing left. */
  readonly finishedQueries: number;
}

/** How far a task of judging is. */
export function progressOf({ queries }: JudgingTask, judgements: Judgements): JudgingProgress {
  const verdicts = queries.map(({ id, documents }) => documents.map((document) => verdictOf(judgements, id, document)));
  const all = verdicts.flat();
  const left = all.filter((verdict) => verdict === undefined).length;
  const skipped = all.filter((verdict) => verdict === "skipped").length;
  return {
    pairs: all.length,
    judged: all.length - left - skipped,
    skipped,
    left,
    finishedQueries: verdicts.filter((each) => each.every((verdict) => verdict !== undefined)).length,
  };
}

/** The judgements in BEIR's form, in the order of the task: each pair at most once, and no skipped ones. */
export function writeQrels({ queries }: JudgingTask, judgements: Judgements): string {
  const lines = queries.flatMap(({ id, documents }) =>
    documents.flatMap((document) => {
      const verdict = verdictOf(judgements, id, document);
      return typeof verdict === "number" ? [`${id}\t${document}\t${verdict}`] : [];
    }),
  );
  return ["query-id\tcorpus-id\tscore", ...lines, ""].join("\n");
}
