import { bm25 } from "@dheera-ai/bm25";
import { cohere, dheeraAi, litellmProxy } from "@dheera-ai/cohere";
import type { Provider } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

import type { Environment } from "../../config/read/resolve-references.ts";

/** The provider for models that name a server but no known provider: most servers speak Cohere's protocol. */
export const defaultProvider = "cohere";

/** The providers that every proxy has. */
export function officialProviders(environment: Environment): readonly Provider[] {
  const selfHosted = huggingface({ environment });
  // LiteLLM's names for servers that the Hugging Face provider detects by itself.
  const otherNames: readonly Provider[] = ["hosted_vllm", "infinity"].map((name) => ({
    name,
    connect: (target) => selfHosted.connect(target),
  }));
  return [bm25(), cohere({ environment }), selfHosted, ...otherNames, dheeraAi(), litellmProxy({ environment })];
}
