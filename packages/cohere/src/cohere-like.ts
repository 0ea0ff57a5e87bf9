import type { Scorer, Target } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import { connectService, everyParameter } from "./bearer-service.ts";
import type { Endpoint } from "./endpoint.ts";
import { findKey } from "./find-key.ts";
import { parseOptions } from "./parse-options.ts";
import { priorityField } from "./priority.ts";

/**
 * A server of one's own that speaks Cohere's protocol. Calls cost nothing but its time, so a large request is shared
 * among its replicas: servers with the same model and revision, wherever they are.
 */
export function connectCohereLike(target: Target, { url, keyVariables }: Endpoint, environment: Environment): Scorer {
  const { scoring, revision } = parseOptions(target.options);
  return connectService(
    {
      provider: "cohere",
      label: "the server",
      url,
      key: findKey(target.apiKey, keyVariables, environment),
      profile: {
        scoring,
        scoreKind: "unknown",
        billing: "compute",
        fingerprint: ["cohere-like", target.model, ...(revision === undefined ? [] : [revision])].join(" "),
        limits: { documentsPerCall: 10_000 },
      },
      parameters: everyParameter,
      optionFields: priorityField,
    },
    target,
  );
}
