/** One line, row or query of an input: a request, or what is wrong with it. */
export type BatchItem = BatchRequest | BrokenItem;

export interface BatchRequest {
  /** Of the input, from 1: the line, or the first of its rows. */
  readonly line: number;
  /** The caller's own; need not be unique. */
  readonly id?: string | undefined;
  /** Fields of `POST /v1/rerank`; whether they are right the model's side checks. */
  readonly body: Readonly<Record<string, unknown>>;
  /** It came as a line of OpenAI's batches, and its result is to be one. */
  readonly isBatchLine?: boolean | undefined;
}

export interface BrokenItem {
  readonly line: number;
  readonly id?: string | undefined;
  /** What is wrong and what to do, without any text of the input. */
  readonly problem: string;
}

export function isBroken(item: BatchItem): item is BrokenItem {
  return "problem" in item;
}
