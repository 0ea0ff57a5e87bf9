/** What rerankers are measured on: texts, queries, and which documents people judged to be relevant. */
export interface Collection {
  /** For people: the folder's or the file's name. */
  readonly name: string;
  /** By id, in the order of the file; every document that a query or a candidate may name. */
  readonly documents: ReadonlyMap<string, string>;
  /** Those with judgements, in the order of the file. */
  readonly queries: readonly JudgedQuery[];
  /** What was left out or looks wrong, each in a sentence without any text of the collection. */
  readonly warnings: readonly string[];
}

/** A query with the grades of documents. */
export interface JudgedQuery {
  readonly id: string;
  readonly text: string;
  /**
   * Grades by document id, whole numbers: above 0 relevant, others judged as not relevant. A document that is missing was not
   * judged. Some may not be in the collection: they count as relevant ones that nothing can find, as trec_eval counts them.
   */
  readonly grades: ReadonlyMap<string, number>;
  /** Documents to rank, best first, where the collection brings them (a run file, a list of documents). */
  readonly candidates?: readonly string[];
}
