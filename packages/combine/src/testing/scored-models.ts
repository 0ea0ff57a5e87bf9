import {
  type Dheera,
  type DheeraOptions,
  type ModelEntry,
  type Provider,
  type ScoreCall,
  type ScoreKind,
  createDheera,
} from "@dheera-ai/core";

import { combinations } from "../index.ts";

/** The score of a text by one of the models; a thrown error is the model's failure. */
export type ScoreText = (text: string, call: ScoreCall) => number | Promise<number>;

export interface ScoredModel {
  readonly score: ScoreText;
  readonly kind?: ScoreKind;
  /** US dollars of a call. */
  readonly price?: number;
}

export interface AskedModel {
  readonly model: string;
  readonly documents: readonly string[];
}

export interface ScoredModels {
  readonly dheera: Dheera;
  /** Each call, in order. */
  readonly calls: readonly AskedModel[];
}

/** An instance whose models score as a test says, with combined models beside them. */
export function scoredModels(
  models: Readonly<Record<string, ScoredModel>>,
  combined: readonly ModelEntry[],
  options: Partial<DheeraOptions> = {},
): ScoredModels {
  const calls: AskedModel[] = [];
  const provider: Provider = {
    name: "scored",
    connect({ model }) {
      const { score, kind = "probability", price } = models[model] ?? { score: () => 0 };
      return {
        profile: () => ({
          scoring: "pointwise",
          scoreKind: kind,
          billing: price === undefined ? "compute" : "per-search",
          fingerprint: model,
          limits: {},
          ...(price !== undefined && { price: { perSearchUnit: price } }),
        }),
        score: async (call) => {
          calls.push({ model, documents: call.documents });
          const scores = await Promise.all(call.documents.map((text) => score(text, call)));
          return { scores: scores.map((value, index) => ({ index, score: value })) };
        },
      };
    },
  };
  const entries = Object.keys(models).map((name): ModelEntry => ({
    model_name: name,
    dheera_ai_params: { model: `scored/${name}`, max_retries: 0 },
  }));
  const dheera = createDheera({
    providers: [provider],
    combinations,
    model_list: [...entries, ...combined],
    ...options,
  });
  return { dheera, calls };
}

/** The score that stands in the text behind the model's name: `cheap=0.5 dear=0.9`. */
export function scoreIn(name: string): (text: string) => number {
  return (text) => Number(new RegExp(`${name}=([-\\d.e]+)`).exec(text)?.[1] ?? 0);
}
