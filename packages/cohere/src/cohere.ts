import type { Provider } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectCohere } from "./cohere-api.ts";
import { connectCohereLike } from "./cohere-like.ts";
import { findEndpoint } from "./endpoint.ts";

export interface CohereOptions {
  /** Where `CO_API_KEY` and `COHERE_API_KEY` are looked up; the process environment when absent. */
  readonly environment?: Environment | undefined;
}

/** Cohere's rerank models and, with an `api_base`, every server that answers `POST …/rerank` in Cohere's shape. */
export function cohere({ environment = processEnvironment() }: CohereOptions = {}): Provider {
  return {
    name: "cohere",
    connect: (target) => {
      const endpoint = findEndpoint(target.apiBase);
      return endpoint.isCohere ? connectCohere(target, endpoint, environment) : connectCohereLike(target, endpoint);
    },
  };
}
