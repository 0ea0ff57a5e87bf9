// Everything that core exports is exported here too: a name added there is a name added here.
export * from "@dheera-ai/core";

export { type Bm25Options, bm25 } from "@dheera-ai/bm25";
export { combinations, type ShadowOptions, ShadowSpending, whyNoShadow, withShadows } from "@dheera-ai/combine";
export { type HuggingFaceOptions, huggingface, selfHosted } from "@dheera-ai/huggingface";
export { llm, type LlmOptions } from "@dheera-ai/llm";
export {
  cohere,
  dheeraAi,
  litellmProxy,
  providerOfRow,
  type Row,
  type RowOptions,
  rowProviders,
} from "@dheera-ai/providers";
export { importPackage } from "./import-package.ts";
export { defaultProvider, officialProviders, type OfficialProvidersOptions } from "./official-providers.ts";
export {
  loadOptionalProviders,
  type LoadedProviders,
  needsPackage,
  type OptionalProvidersOptions,
} from "./optional-providers.ts";
export { type CamelCaseFields, toRequestFields } from "./request-fields.ts";
export { rerank } from "./rerank.ts";
