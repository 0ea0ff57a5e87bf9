import type { ScoreCall } from "@dheera-ai/core";

import type { Options } from "../options/parse-options.ts";
import type { Subject } from "../prompt/prompts.ts";
import type { CallExchanges } from "../wire/exchange.ts";

/** A call whose passages are cut, and what asks the model about them. */
export interface Judged {
  readonly call: ScoreCall;
  /** The documents as they are sent. */
  readonly texts: readonly string[];
  readonly options: Options;
  readonly exchanges: CallExchanges;
}

/** What a prompt about some documents of the call, named by their indices, is about. */
export function subjectOf({ call, texts }: Pick<Judged, "call" | "texts">, indices: readonly number[]): Subject {
  return {
    query: call.query,
    instruction: call.params.instruction,
    documents: indices.map((index) => texts[index] ?? ""),
  };
}
