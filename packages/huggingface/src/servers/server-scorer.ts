import { isDheeraError, type Profile, type ScoreCall, type Scorer, type ScoreResult } from "@dheera-ai/core";

import type { Endpoint } from "../endpoint/endpoint.ts";
import { providerError } from "../errors/provider-error.ts";
import type { Refusal } from "../errors/refusal.ts";
import { type CallRecipe, sendCall } from "../wire/call-recipe.ts";
import type { HttpClient } from "../wire/http-client.ts";
import { singleFlight } from "../wire/single-flight.ts";

/** After this time the server is detected again: a new model revision is noticed within it. */
const refreshAfterMs = 60_000;
/** A server that refuses calls within its own limits is asked for them again, so often at most. */
const soonestRefreshMs = 1_000;
const detectionTimeoutMs = 10_000;

/** Finds the recipe that a server takes; `before` is the recipe found last time. */
export type FindRecipe = (signal: AbortSignal, before: CallRecipe | undefined) => Promise<CallRecipe>;

interface Detected {
  readonly recipe: CallRecipe;
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
  readonly #withoutTokenizer = new WeakSet<CallRecipe>();
  #detected: Detected | undefined;

  constructor(client: HttpClient, endpoint: Endpoint, find: FindRecipe) {
    this.#client = client;
    this.#endpoint = endpoint;
    this.#detect = singleFlight(async (signal) => {
      const recipe = await withTimeout((limited) => find(limited, this.#detected?.recipe), signal);
      this.#detected = { recipe, detectedAt: performance.now() };
      return this.#detected;
    });
  }

  profile(signal: AbortSignal): Profile | Promise<Profile> {
    const detected = this.#detected;
    if (!detected) return this.#detect(signal).then(({ recipe }) => recipe.profile);
    if (performance.now() - detected.detectedAt > refreshAfterMs) this.#refresh(detected);
    return detected.recipe.profile;
  }

  async score(call: ScoreCall): Promise<ScoreResult> {
    const detected = this.#detected ?? (await this.#detect(call.signal));
    const outcome = await sendCall(detected.recipe, this.#client, this.#endpoint, call);
    if ("result" in outcome) return outcome.result;
    this.#invalidate(detected, outcome.refusal);
    throw outcome.refusal.error;
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

  /** Ends a detection in the background. */
  close(): void {
    this.#closing.abort();
  }

  /** In the background: calls use what is known until the detection has succeeded. */
  #refresh(detected: Detected): void {
    detected.detectedAt = performance.now();
    this.#detect(this.#closing.signal).catch(() => {});
  }

  /** A refusal that contradicts what is known of the server: it may have been replaced, or its limits changed. */
  #invalidate(detected: Detected, { about, error }: Refusal): void {
    if (about === "recipe" && this.#detected === detected) this.#detected = undefined;
    const isUnexpected =
      error.learned !== undefined ||
      (error.code === "provider_overloaded" && performance.now() - detected.detectedAt > soonestRefreshMs);
    if (isUnexpected) detected.detectedAt = Number.NEGATIVE_INFINITY;
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
