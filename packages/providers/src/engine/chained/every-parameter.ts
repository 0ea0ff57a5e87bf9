import type { RowRequest } from "../row.ts";

/** What a Dheera AI proxy can be told; other servers leave out what they do not know. */
export const everyParameter: RowRequest = {
  truncate: { field: "truncate", cut: true, refuse: false },
  truncation_direction: "truncation_direction",
  raw_scores: "raw_scores",
  max_tokens_per_document: "max_tokens_per_doc",
  instruction: "instruction",
  relevant_spans: "relevant_spans",
};
