/** What a model said of a document, and what people said. */
export interface LabelledScore {
  readonly score: number;
  readonly isRelevant: boolean;
}
