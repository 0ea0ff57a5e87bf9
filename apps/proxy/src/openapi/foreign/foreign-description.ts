import type { GenericSchema } from "valibot";

import type { ForeignFormat } from "../../formats/request-format.ts";

/** One foreign format for `/openapi.json`. */
export interface ForeignDescription {
  readonly format: ForeignFormat;
  /** Whose API it is, for people. */
  readonly label: string;
  /** What a client's base URL is set to, and what one must know beside that. */
  readonly description: string;
  readonly request: GenericSchema;
  /** The meaning of each field of a request. */
  readonly fields: Readonly<Record<string, string>>;
  readonly response: GenericSchema;
  /** The body of an error where it has more than the proxy's own. */
  readonly error?: GenericSchema;
  readonly exampleRequest: object;
  readonly exampleResponse: object;
}

/** Fields that mean the same in most formats. */
export const commonFields = {
  model: "A model name of the configuration, which `GET /v1/models` lists.",
  firstModel: "A model name of the configuration; the first that the caller may use when absent.",
  query: "The text that documents are compared with.",
  documents: "What is ranked: texts, or objects with a `text`, or objects with any fields.",
  topN: "How many results to return; all when absent.",
  rankFields: "Fields of object documents that are scored, in this order.",
  returnDocuments: "Echo each document in its result. Default false.",
} as const;
