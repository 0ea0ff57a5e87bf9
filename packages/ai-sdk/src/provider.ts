import {
  type EmbeddingModelV4,
  type ImageModelV4,
  type LanguageModelV4,
  NoSuchModelError,
  type ProviderV4,
  type RerankingModelV4,
  type SpeechModelV4,
  type TranscriptionModelV4,
} from "@ai-sdk/provider";

import { rankerOf } from "./ranker.ts";
import { rerankingModel } from "./reranking-model.ts";
import type { DheeraAISettings } from "./settings.ts";

/** A provider of the AI SDK whose models rerank; every other kind of model is a `NoSuchModelError`. */
export interface DheeraAIProvider extends ProviderV4 {
  /** A model for `rerank`: `<provider>/<model>`, a name of a `model_list`, or a name of a proxy's. */
  (modelId: string): RerankingModelV4;
  /** The same, under the name that other providers give it. */
  reranking(modelId: string): RerankingModelV4;
  /** The same, as registries ask for it. */
  rerankingModel(modelId: string): RerankingModelV4;
  transcriptionModel(modelId: string): TranscriptionModelV4;
  speechModel(modelId: string): SpeechModelV4;
}

/**
 * A provider that asks a proxy (`baseURL`), an instance of the library (`dheera`), or the official providers in this
 * process. Opens nothing: the first request does.
 * @throws InvalidArgumentError where settings contradict each other.
 */
export function createDheeraAI(settings: DheeraAISettings = {}): DheeraAIProvider {
  const ranker = rankerOf(settings);
  const create = (modelId: string): RerankingModelV4 => rerankingModel(modelId, ranker);
  // Callers take functions off a provider: none of them may need `this`.
  return Object.assign((modelId: string) => create(modelId), {
    specificationVersion: "v4" as const,
    reranking: create,
    rerankingModel: create,
    languageModel: (modelId: string): LanguageModelV4 => noModel(modelId, "languageModel"),
    embeddingModel: (modelId: string): EmbeddingModelV4 => noModel(modelId, "embeddingModel"),
    imageModel: (modelId: string): ImageModelV4 => noModel(modelId, "imageModel"),
    transcriptionModel: (modelId: string): TranscriptionModelV4 => noModel(modelId, "transcriptionModel"),
    speechModel: (modelId: string): SpeechModelV4 => noModel(modelId, "speechModel"),
  });
}

/** Ranks in this process, with keys from the environment: `dheera("cohere/rerank-v3.5")`. */
export const dheera: DheeraAIProvider = createDheeraAI();

function noModel(modelId: string, modelType: NoSuchModelError["modelType"]): never {
  throw new NoSuchModelError({ modelId, modelType });
}
