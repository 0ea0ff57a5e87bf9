import { DheeraError, type ScoreCall } from "@dheera-ai/core";
import { isRecord } from "@dheera-ai/core/provider-utils";

import { type DefinedRow, defineRow } from "../engine/define-row.ts";
import { readDheeraMeta } from "../engine/chained/dheera-meta.ts";
import { everyParameter } from "../engine/chained/every-parameter.ts";
import type { Row } from "../engine/row.ts";

/**
 * A proxy behind this one. It knows the model behind its name: what its answers say of scores, usage and warnings counts
 * here. It has no address but the one that is named.
 */
const proxy = {
  label: "the proxy",
  path: "/v1/rerank",
  request: everyParameter,
  response: { details: ["relevant_spans"] },
  score_kind: "unknown",
  // It splits by itself, and says what was billed.
  billing: "compute",
  limits: { documents_per_call: 10_000 },
} as const satisfies Omit<Row, "name">;

export const dheeraAiRow: DefinedRow = defineProxy({
  ...proxy,
  name: "dheera_ai",
  api_base_env: ["DHEERA_AI_API_BASE"],
  api_key_env: ["DHEERA_AI_API_KEY"],
  documentation: {
    title: "A Dheera AI proxy",
    quirks: [
      "its errors, usage, cost and score kind are passed on as they are",
      "`provider_options` are those of the providers behind it",
    ],
  },
});

/** LiteLLM's name for its proxy, and its variables. */
export const litellmProxyRow: DefinedRow = defineProxy({
  ...proxy,
  name: "litellm_proxy",
  api_base_env: ["LITELLM_PROXY_API_BASE"],
  api_key_env: ["LITELLM_PROXY_API_KEY"],
  documentation: { title: "A LiteLLM proxy", quirks: ["the model is the name that the proxy knows"] },
});

function defineProxy(row: Row): DefinedRow {
  return defineRow(row, {
    options: forwardedOptions,
    read: (answer, result) => readDheeraMeta(answer, result, row.name),
  });
}

/** `provider_options` for the proxy are those of the providers behind it. */
function forwardedOptions(options: ScoreCall["providerOptions"], name: string): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options);
  for (const [provider, own] of entries)
    if (!isRecord(own) || Array.isArray(own))
      throw new DheeraError(
        "invalid_request",
        `provider_options.${name}.${provider} must be an object: the options of the provider ${provider} behind the proxy`,
        { param: `provider_options.${name}.${provider}`, provider: name },
      );
  return entries.length === 0 ? {} : { provider_options: options };
}
