import { bm25 } from "@dheera-ai/bm25";
import { cohere } from "@dheera-ai/cohere";
import type { Provider } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

import type { Environment } from "../../config/read/resolve-references.ts";

/** Serves models that name no known provider but a server: most speak Cohere's protocol. */
export const defaultProvider = "cohere";

/** The providers that every proxy has. */
export function officialProviders(environment: Environment): readonly Provider[] {
  const selfHosted = huggingface({ environment });
  // LiteLLM's names for servers that the Hugging Face provider recognises by itself.
  const otherNames: readonly Provider[] = ["hosted_vllm", "infinity"].map((name) => ({
    name,
    connect: (target) => selfHosted.connect(target),
  }));
  return [bm25(), cohere({ environment }), selfHosted, ...otherNames];
}
