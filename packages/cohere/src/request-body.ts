import type { ScoreParams } from "@dheera-ai/core";

import type { Place } from "./place.ts";

interface RequestBody {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
  readonly max_tokens_per_doc?: number;
  readonly truncate?: boolean;
  readonly truncation_direction?: "left" | "right";
  readonly raw_scores?: boolean;
  readonly instruction?: string;
}

/** No `top_n` and no `return_documents`: core cuts, and has the documents. */
export function requestBody(
  model: string,
  query: string,
  documents: readonly string[],
  params: ScoreParams,
  place: Place,
): RequestBody {
  return { model, query, documents, ...everywhere(params), ...(place.isCohere ? {} : elsewhere(params)) };
}

/** What a caller asked for that Cohere's own API cannot do. */
export function warningsFor(
  { truncate, truncationDirection, rawScores, instruction }: ScoreParams,
  { isCohere }: Place,
): readonly string[] {
  if (!isCohere) return [];
  const missing = {
    "truncate: false": truncate === false,
    "truncation_direction: left": truncationDirection === "left",
    "raw_scores: true": rawScores,
    instruction,
  };
  return Object.entries(missing).flatMap(([name, asked]) => (asked ? `Cohere has no ${name}; it had no effect` : []));
}

function everywhere({ maxTokensPerDocument }: ScoreParams): Partial<RequestBody> {
  return { ...(maxTokensPerDocument !== undefined && { max_tokens_per_doc: maxTokensPerDocument }) };
}

/** A Dheera AI proxy knows these; other servers leave out what they do not know. */
function elsewhere({ truncate, truncationDirection, rawScores, instruction }: ScoreParams): Partial<RequestBody> {
  return {
    ...(truncate !== undefined && { truncate }),
    ...(truncationDirection !== undefined && { truncation_direction: truncationDirection }),
    ...(rawScores !== undefined && { raw_scores: rawScores }),
    ...(instruction !== undefined && { instruction }),
  };
}
