import type { Profile, ScoreCall, ScoreKind, ScoreParams, Scorer, ScoreResult } from "@dheera-ai/core";

import type { Line } from "../wire/http-client.ts";
import { pipelines, readClassification } from "../wire/pipelines.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { describeProfile } from "../describe-profile.ts";
import { askRoute, type Outcome, type Route } from "../wire/call-recipe.ts";
import { untilAborted } from "../wire/single-flight.ts";
import { tryRoutes } from "../wire/try-recipes.ts";

/** A model at hf-inference: the first call tries the ways there are to ask it, best first, and what worked is remembered. */
export class Serverless implements Scorer {
  readonly #line: Line;
  readonly #place: Place;
  readonly #routes: Routes;
  #route: Route | undefined;
  /** Settles when the call that tries the routes has ended, however it ended. */
  #trial: Promise<void> | undefined;

  constructor(line: Line, place: Place) {
    this.#line = line;
    this.#place = place;
    this.#routes = routesOf(place);
  }

  profile(): Profile {
    return (this.#route ?? this.#routes[0]).profile;
  }

  async score(call: ScoreCall): Promise<ScoreResult> {
    // Calls that come while another one tries the routes wait for what it finds.
    while (!this.#route && this.#trial) await untilAborted(this.#trial, call.signal);
    const { route, outcome } = this.#route
      ? { route: this.#route, outcome: await askRoute(this.#route, this.#line, this.#place, call) }
      : await this.#try(call);
    if ("result" in outcome) return { scoreKind: route.profile.scoreKind, ...outcome.result };
    if (outcome.refusal.about === "route") this.#route = undefined;
    throw outcome.refusal.error;
  }

  async #try(call: ScoreCall): Promise<{ readonly route: Route; readonly outcome: Outcome }> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#trial = promise;
    try {
      const trial = await tryRoutes(this.#routes, this.#line, this.#place, call);
      this.#route = trial.route;
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

const honours: ReadonlySet<keyof ScoreParams> = new Set();

type Routes = readonly [Route, ...Route[]];

/** For rerankers as such, as classifiers of pairs, and for bi-encoders. */
function routesOf(place: Place): Routes {
  const model = modelUrl(place);
  const route = (
    name: string,
    url: string,
    scoreKind: ScoreKind,
    body: Route["body"],
    extraTexts: 0 | 1 = 0,
  ): Route => ({
    url,
    honours,
    body,
    extraTexts,
    profile: describeProfile({
      // Not the route: a model that works on several gives the same scores on each, and which one it is shows only after the first call.
      identity: ["hf-inference", place.model],
      models: [place.model],
      scoreKind,
      limits: { documentsPerCall: documentsPerCall - extraTexts, bytesPerCall },
      pads: true,
      server: `hf-inference (${name})`,
    }),
  });
  return [
    route("text-ranking", `${model}/pipeline/text-ranking`, "unknown", pipelines.textRanking),
    // A pipeline with one label applies the sigmoid (transformers, text_classification.py).
    { ...route("text-classification", model, "probability", pipelines.textClassification), read: readClassification },
    route("sentence-similarity", `${model}/pipeline/sentence-similarity`, "cosine", pipelines.sentenceSimilarity, 1),
  ];
}

/** A base at the router may be the provider's root or the model's own address. */
function modelUrl({ url, model }: Place): string {
  if (url.pathname.includes("/models/")) return url.href;
  const root = url.pathname === "/" || url.pathname === "/v1" ? `${url.origin}/hf-inference` : url.href;
  return `${root}/models/${model}`;
}
