/** How much of the ranking is relevance; the rest is difference from the documents before. */
export interface Diversity {
  /** 0 to 1, without 1. */
  readonly lambda: number;
}
