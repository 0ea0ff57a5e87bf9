import { createDheera, type Dheera, type Provider } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import { azureAi } from "../azure-ai.ts";
import { foundry, model, toStandIn } from "./azure.ts";

/** One deployment, `m`, that is asked once and no more, at the stand-in. */
export function dheeraOf(
  url: string,
  params: Readonly<Record<string, unknown>>,
  environment: Environment = {},
): Dheera {
  const provider = azureAi({ environment });
  const there: Provider = {
    ...provider,
    connect: (target) => provider.connect({ ...target, http: toStandIn(target.http, url) }),
  };
  return createDheera({
    providers: [there],
    model_list: [
      {
        model_name: "m",
        dheera_ai_params: { model: `azure_ai/${model}`, api_base: foundry, max_retries: 0, ...params },
      },
    ],
    router_settings: { num_retries: 0 },
  });
}
