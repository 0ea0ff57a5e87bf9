// Everything that core exports is exported here too: a name added there is a name added here.
export * from "@dheera-ai/core";

export { type Bm25Options, bm25 } from "@dheera-ai/bm25";
export { type CohereOptions, cohere, dheeraAi, type LitellmProxyOptions, litellmProxy } from "@dheera-ai/cohere";
export { type HuggingFaceOptions, huggingface } from "@dheera-ai/huggingface";
export { rerank } from "./rerank.ts";
