import { bm25 } from "@dheera-ai/bm25";
import type { Provider } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

import type { Environment } from "../config/resolve-references.ts";

/** Serves models that name no known provider but a server: it recognises what the server speaks. */
export const defaultProvider = "huggingface";

/** The providers that every proxy has. */
export function officialProviders(environment: Environment): readonly Provider[] {
  return [bm25(), huggingface({ environment })];
}
