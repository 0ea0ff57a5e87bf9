import type { Scorer, Target } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import { connectService } from "./bearer-service.ts";
import type { Endpoint } from "./endpoint.ts";
import { findKey } from "./find-key.ts";
import { parseOptions } from "./parse-options.ts";
import { priorityField } from "./priority.ts";

/** Cohere's own cap. Its advice is 1,000. */
const documentsPerCall = 10_000;

/**
 * Cohere's own API. A search is billed for each 100 documents begun, except for Rerank 5, which is billed by the token.
 */
export function connectCohere(target: Target, { url, keyVariables }: Endpoint, environment: Environment): Scorer {
  const { scoring } = parseOptions(target.options);
  return connectService(
    {
      provider: "cohere",
      label: "Cohere",
      url,
      key: findKey(target.apiKey, keyVariables, environment),
      keyNeeded: "there is no key for Cohere; set CO_API_KEY, or api_key of this deployment",
      profile: {
        scoring,
        scoreKind: "probability",
        billing: target.model.startsWith("rerank-v5") ? "per-token" : "per-search",
        fingerprint: `cohere ${target.model}`,
        limits: { documentsPerCall },
      },
      parameters: { maxTokensPerDocument: "max_tokens_per_doc" },
      optionFields: priorityField,
    },
    target,
  );
}
