import * as v from "valibot";

/** 2 relevant, 1 partly, 0 not. */
export type Grade = 0 | 1 | 2;

/** A document that a query was asked of; without a grade it was not judged. */
export interface Candidate {
  readonly text: string;
  readonly grade?: Grade | undefined;
}

/** A query, with what people said of documents for it. */
export interface JudgedQuery {
  readonly query: string;
  readonly candidates: readonly Candidate[];
}

const judgedQueries = v.array(
  v.object({
    query: v.string(),
    candidates: v.array(
      v.object({
        text: v.string(),
        grade: v.optional(v.picklist([0, 1, 2])),
      }),
    ),
  }),
);

/** The judgements of a tab. Equal texts are the same query, or the same document. */
export class Judgements {
  readonly #queries = new Map<string, Map<string, Candidate>>();

  /** Empty for what is none: the storage of browsers can be written by anybody who sits before them. */
  static read(value: unknown): Judgements {
    const judgements = new Judgements();
    const read = v.safeParse(judgedQueries, value);
    for (const { query, candidates } of read.success ? read.output : [])
      judgements.#queries.set(query, new Map(candidates.map((each) => [each.text, each])));
    return judgements;
  }

  gradeOf(query: string, text: string): Grade | undefined {
    return this.#queries.get(query)?.get(text)?.grade;
  }

  /**
   * @param grade undefined takes a judgement back
   * @param others texts that were ranked beside it: they are what it is better or worse than
   */
  judge(query: string, text: string, grade: Grade | undefined, others: readonly string[]): void {
    const candidates = this.#queries.get(query) ?? new Map<string, Candidate>();
    for (const each of [text, ...others]) if (!candidates.has(each)) candidates.set(each, { text: each });
    candidates.set(text, { text, ...(grade !== undefined && { grade }) });
    const isJudged = [...candidates.values()].some((each) => each.grade !== undefined);
    if (isJudged) this.#queries.set(query, candidates);
    else this.#queries.delete(query);
  }

  forget(): void {
    this.#queries.clear();
  }

  /** In the order in which queries and documents came. */
  list(): readonly JudgedQuery[] {
    return [...this.#queries].map(([query, candidates]) => ({ query, candidates: [...candidates.values()] }));
  }
}

export function countJudgements(queries: readonly JudgedQuery[]): number {
  return judgedOnly(queries).flatMap(({ candidates }) => candidates).length;
}

/** Without the documents that were not judged. */
export function judgedOnly(queries: readonly JudgedQuery[]): readonly JudgedQuery[] {
  return queries.map(({ query, candidates }) => ({
    query,
    candidates: candidates.filter(({ grade }) => grade !== undefined),
  }));
}
