import {
  DheeraError,
  isDheeraError,
  type Profile,
  type ScoreCall,
  type Scorer,
  type ScoreResult,
} from "@dheera-ai/core";

import type { Endpoint } from "../endpoint/endpoint.ts";
import { providerError } from "../errors/provider-error.ts";
import type { Refusal } from "../errors/refusal.ts";
import { type CallRecipe, sendCall } from "../wire/call-recipe.ts";
import type { HttpClient } from "../wire/http-client.ts";
import { singleFlight } from "../wire/single-flight.ts";
import type { WeightNames } from "./weight-names.ts";

/** After this time the server is detected again: a new model revision is noticed within it. */
const refreshAfterMs = 60_000;
/** A server that refuses calls within its own limits is asked for them again, so often at most. */
const soonestRefreshMs = 1_000;
const detectionTimeoutMs = 10_000;

/** Milliseconds for which a server that does not name its revision need not be asked again: it takes longer to start. */
const confirmedForMs = 100;
/** The pair that tells weights apart. It must stay as it is, because caches know weights by its scores. */
const weighed = {
  query: "which river flows through the old town?",
  documents: ["The Aare bends around the old town of Bern; 7 bridges cross it."],
  providerOptions: {},
} as const;

/** Finds the recipe that a server takes; `before` is the recipe found last time. */
export type FindRecipe = (signal: AbortSignal, before: CallRecipe | undefined) => Promise<CallRecipe>;

interface Detected {
  readonly recipe: CallRecipe;
  /** The recipe as it was found, without the name of the weights. */
  readonly found: CallRecipe;
  readonly askedAt: number;
  /** Milliseconds of the monotonic clock. */
  detectedAt: number;
}

/**
 * A server at an `api_base`. It is detected once, remembered, and detected again from time to time in the background.
 */
export class ServerScorer implements Scorer {
  readonly #client: HttpClient;
  readonly #endpoint: Endpoint;
  readonly #detect: (signal: AbortSignal) => Promise<Detected>;
  readonly #closing = new AbortController();
  readonly #weightNames: WeightNames;
  readonly #withoutTokenizer = new WeakSet<CallRecipe>();
  #detected: Detected | undefined;

  constructor(client: HttpClient, endpoint: Endpoint, find: FindRecipe, weightNames: WeightNames) {
    this.#weightNames = weightNames;
    this.#client = client;
    this.#endpoint = endpoint;
    this.#detect = singleFlight(async (signal) => {
      const askedAt = performance.now();
      const recipe = await withTimeout(
        async (limited) => this.#nameWeights(await find(limited, this.#detected?.found), limited),
        signal,
      );
      this.#detected = { ...recipe, askedAt, detectedAt: performance.now() };
      return this.#detected;
    });
  }

  profile(signal: AbortSignal): Profile | Promise<Profile> {
    const detected = this.#detected;
    if (!detected) return this.#detect(signal).then(({ recipe }) => recipe.profile);
    if (performance.now() - detected.detectedAt > refreshAfterMs) this.#refresh(detected);
    return detected.recipe.profile;
  }

  /**
   * Where the server does not name its revision it may have been started again with other weights: it is asked again
   * unless that was done a moment ago.
   */
  confirm(signal: AbortSignal): Profile | Promise<Profile> {
    const detected = this.#detected;
    if (!detected) return this.profile(signal);
    const isFresh = performance.now() - detected.askedAt < confirmedForMs;
    if (detected.recipe.unnamedWeights === undefined || isFresh) return detected.recipe.profile;
    // A connection that the server closed as it ended may fail once.
    return this.#detect(signal)
      .catch((error: unknown) => {
        if (signal.aborted) throw error;
        return this.#detect(signal);
      })
      .then(({ recipe }) => recipe.profile);
  }

  score(call: ScoreCall): Promise<ScoreResult> {
    const detected = this.#detected;
    if (detected) return this.#scoreAt(detected, call);
    return this.#detect(call.signal).then((found) => this.#scoreAt(found, call));
  }

  #scoreAt(detected: Detected, call: ScoreCall): Promise<ScoreResult> {
    return sendCall(detected.recipe, this.#client, this.#endpoint, call).then((outcome) => {
      if ("result" in outcome) return outcome.result;
      throw this.#invalidate(detected, outcome.refusal);
    });
  }

  async countTokens(texts: readonly string[], signal: AbortSignal): Promise<readonly number[] | undefined> {
    const { recipe } = this.#detected ?? (await this.#detect(signal));
    const { tokenizer } = recipe;
    if (!tokenizer || this.#withoutTokenizer.has(recipe)) return undefined;
    const { status, body } = await this.#client.post(tokenizer.url, tokenizer.body(texts), signal);
    // A proxy before the server may let only its rerank route through.
    if (isHidden(status)) this.#withoutTokenizer.add(recipe);
    return status < 300 ? tokenizer.readCounts(body) : undefined;
  }

  /** Puts the scores of a fixed pair into the fingerprint where the server does not name its revision. */
  async #nameWeights(found: CallRecipe, signal: AbortSignal): Promise<Pick<Detected, "recipe" | "found">> {
    const precision = found.unnamedWeights;
    if (precision === undefined) return { recipe: found, found };
    const outcome = await sendCall(found, this.#client, this.#endpoint, {
      ...weighed,
      params: found.supports.has("rawScores") ? { rawScores: true } : {},
      signal,
    });
    if ("refusal" in outcome) throw outcome.refusal.error;
    const scores = outcome.result.scores.map(({ score }) => score);
    const { fingerprint } = found.profile;
    const name = this.#weightNames.nameOf(fingerprint, scores, precision);
    const recipe = { ...found, profile: { ...found.profile, fingerprint: `${fingerprint} weights ${name}` } };
    return { recipe, found };
  }

  /** Ends a detection in the background. */
  close(): void {
    this.#closing.abort();
  }

  /** In the background: calls use what is known until the detection has succeeded. */
  #refresh(detected: Detected): void {
    detected.detectedAt = performance.now();
    this.#detect(this.#closing.signal).catch(() => {});
  }

  /**
   * A refusal may contradict what is known of the server: it may have been replaced, or its limits changed. What it was
   * asked a moment ago still holds.
   * @returns the error to throw
   */
  #invalidate(detected: Detected, { about, error }: Refusal): DheeraError {
    const isOld = performance.now() - detected.detectedAt > soonestRefreshMs;
    const isUnexpected = error.learned !== undefined || (error.code === "provider_overloaded" && isOld);
    if (isUnexpected) detected.detectedAt = Number.NEGATIVE_INFINITY;
    if (about !== "recipe") return error;
    if (this.#detected === detected) this.#detected = undefined;
    // The next attempt detects it anew.
    return isOld ? DheeraError.from(error, { permanent: false }) : error;
  }
}

function isHidden(status: number): boolean {
  return [401, 403, 404, 405, 501].includes(status);
}

/** A server that takes the connection and never answers must not hold up the detection for ever. */
async function withTimeout<T>(find: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(detectionTimeoutMs);
  try {
    return await find(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (isDheeraError(error) || signal.aborted || !timeout.aborted) throw error;
    const message = `the server did not say within ${detectionTimeoutMs / 1000} seconds what it is; check api_base`;
    throw providerError("provider_unreachable", message, { cause: error });
  }
}
