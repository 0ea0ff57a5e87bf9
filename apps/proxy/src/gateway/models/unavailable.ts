import { DheeraError, type ModelEntry, type Provider } from "@dheera-ai/core";

import type { ConfiguredModel } from "../../config/config.ts";

const name = "unavailable";

/**
 * The provider of deployments that cannot serve. It refuses every call with the reason, so that replicas and fallbacks
 * take over.
 */
export const unavailableProvider: Provider = {
  name,
  connect({ model, options }) {
    const refuse = (): never => {
      throw new DheeraError(
        "provider_failed",
        `the deployment of ${model} cannot serve: ${String(options["reason"])}; the operator has to see to it and restart the proxy`,
        {
          provider: name,
          retryable: true,
        },
      );
    };
    return { profile: refuse, score: refuse };
  },
};

/** The same entry with this provider. */
export function asUnavailable(
  { model_name, model_info, dheera_ai_params: { model } }: ConfiguredModel,
  reason: string,
): ModelEntry {
  return {
    model_name,
    dheera_ai_params: { model: `${name}/${model}`, reason, max_retries: 0 },
    ...(model_info && { model_info }),
  };
}
