import type { Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectCohere } from "./cohere-api.ts";
import { connectCohereLike } from "./cohere-like.ts";
import { coherePlaces, findEndpoint } from "./endpoint.ts";
import { optionNames } from "./parse-options.ts";

export interface CohereOptions {
  /**
   * Where `CO_API_KEY`, `COHERE_API_KEY` and `COHERE_API_BASE` are looked up; the process environment when absent.
   */
  readonly environment?: Environment | undefined;
}

/** Cohere's rerank models and, with an `api_base` (or `COHERE_API_BASE`), every server that answers `POST …/rerank` in Cohere's shape. */
export function cohere({ environment = processEnvironment() }: CohereOptions = {}): Provider {
  return {
    name: "cohere",
    optionNames,
    connect: (target) => {
      const endpoint = findEndpoint(coherePlaces, target.apiBase, environment);
      const connect = endpoint.isCohere ? connectCohere : connectCohereLike;
      return connect(target, endpoint, environment);
    },
  };
}
