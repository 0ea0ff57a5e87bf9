import type { Profile, ScoreCall, ScoreKind, ScoreParams, Scorer, ScoreResult } from "@dheera-ai/core";
import { abortable } from "@dheera-ai/core/provider-utils";

import { describeProfile } from "../describe-profile.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { readComputeTokens } from "../servers/tei.ts";
import { type CallOutcome, type CallRecipe, sendCall } from "../wire/call-recipe.ts";
import type { HttpClient } from "../wire/http-client.ts";
import { pipelines, readClassification } from "../wire/pipelines.ts";
import { tryRecipes } from "../wire/try-recipes.ts";

/** A model at hf-inference: the first call tries the recipes, best first, and the one that worked is remembered. */
export class ServerlessScorer implements Scorer {
  readonly #client: HttpClient;
  readonly #endpoint: Endpoint;
  readonly #recipes: Recipes;
  #recipe: CallRecipe | undefined;
  /** Resolves when the call that tries the recipes has ended, with or without success. */
  #trial: Promise<void> | undefined;

  constructor(client: HttpClient, endpoint: Endpoint) {
    this.#client = client;
    this.#endpoint = endpoint;
    this.#recipes = recipesOf(endpoint);
  }

  profile(): Profile {
    return (this.#recipe ?? this.#recipes[0]).profile;
  }

  async score(call: ScoreCall): Promise<ScoreResult> {
    // While one call tries the recipes, others wait for the result.
    while (!this.#recipe && this.#trial) await abortable(this.#trial, call.signal);
    const { recipe, outcome } = this.#recipe
      ? { recipe: this.#recipe, outcome: await sendCall(this.#recipe, this.#client, this.#endpoint, call) }
      : await this.#try(call);
    if ("result" in outcome) return { scoreKind: recipe.profile.scoreKind, ...outcome.result };
    if (outcome.refusal.about === "recipe") this.#recipe = undefined;
    throw outcome.refusal.error;
  }

  async #try(call: ScoreCall): Promise<{ readonly recipe: CallRecipe; readonly outcome: CallOutcome }> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#trial = promise;
    try {
      const trial = await tryRecipes(this.#recipes, this.#client, this.#endpoint, call);
      this.#recipe = trial.recipe;
      return trial;
    } finally {
      this.#trial = undefined;
      resolve();
    }
  }
}

/** Not documented; Text Embeddings Inference, which serves there, has these defaults. */
const documentsPerCall = 32;
const bytesPerCall = 2_000_000;

const supports: ReadonlySet<keyof ScoreParams> = new Set();

type Recipes = readonly [CallRecipe, ...CallRecipe[]];

/** For rerankers proper, for classifiers of pairs, and for bi-encoders. */
function recipesOf(endpoint: Endpoint): Recipes {
  const model = modelUrl(endpoint);
  const recipe = (
    name: string,
    url: string,
    scoreKind: ScoreKind,
    body: CallRecipe["body"],
    extraTexts: 0 | 1 = 0,
  ): CallRecipe => ({
    url,
    supports,
    body,
    extraTexts,
    readUsage: readComputeTokens,
    profile: describeProfile({
      // Without the recipe: a model that takes several gives the same scores by each, and the recipe is known only
      // after the first call.
      identity: ["hf-inference", endpoint.model],
      models: [endpoint.model],
      scoreKind,
      limits: { documentsPerCall: documentsPerCall - extraTexts, bytesPerCall },
      pads: true,
      server: `hf-inference (${name})`,
    }),
  });
  return [
    recipe("text-ranking", `${model}/pipeline/text-ranking`, "unknown", pipelines.textRanking),
    // A pipeline with one label applies the sigmoid (transformers, text_classification.py).
    {
      ...recipe("text-classification", model, "probability", pipelines.textClassification),
      readScores: readClassification,
    },
    recipe("sentence-similarity", `${model}/pipeline/sentence-similarity`, "cosine", pipelines.sentenceSimilarity, 1),
  ];
}

/** A base at the router may be the provider's root or the model's own address. */
function modelUrl({ url, model }: Endpoint): string {
  if (url.pathname.includes("/models/")) return url.href;
  const root = url.pathname === "/" || url.pathname === "/v1" ? `${url.origin}/hf-inference` : url.href;
  return `${root}/models/${model}`;
}
