import { type Dheera, createDheera } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

import type { Replica } from "./replica.ts";

/** The library over these replicas, as a configuration with one model name has it. */
export function overReplicas(replicas: readonly Replica[]): Dheera {
  return createDheera({
    providers: [huggingface({ environment: {} })],
    model_list: replicas.map(({ url }) => ({
      model_name: "reranker",
      dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: url },
    })),
  });
}
