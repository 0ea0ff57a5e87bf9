import {
  DheeraError,
  isDheeraError,
  type Profile,
  type ScoreCall,
  type Scorer,
  type ScoreResult,
} from "@dheera-ai/core";

import type { Line } from "../wire/http-client.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { providerName } from "../errors/provider-error.ts";
import type { Refusal } from "../errors/read-refusal.ts";
import { askRoute, type Route } from "../wire/call-recipe.ts";
import { shareWork } from "../wire/single-flight.ts";

/** Milliseconds after which a server is asked again what it is: a new model revision is noticed within this. */
const refreshAfter = 60_000;
/** Milliseconds for a server to say what it is. */
const patience = 10_000;

/** Finds out how to ask a server; `before` is what was found last time. */
export type FindRoute = (signal: AbortSignal, before: Route | undefined) => Promise<Route>;

/** What was found at a place. */
interface Known {
  readonly route: Route;
  /** Milliseconds of the monotonic clock. */
  askedAt: number;
}

/** A server at an `api_base`: finds out once how to ask it, remembers that, and looks again from time to time without making anybody wait. */
export class Connection implements Scorer {
  readonly #line: Line;
  readonly #place: Place;
  readonly #find: (signal: AbortSignal) => Promise<Known>;
  #known: Known | undefined;

  constructor(line: Line, place: Place, find: FindRoute) {
    this.#line = line;
    this.#place = place;
    this.#find = shareWork(async (signal) => {
      const route = await patiently((limited) => find(limited, this.#known?.route), signal);
      this.#known = { route, askedAt: performance.now() };
      return this.#known;
    });
  }

  profile(signal: AbortSignal): Profile | Promise<Profile> {
    const known = this.#known;
    if (!known) return this.#find(signal).then(({ route }) => route.profile);
    if (performance.now() - known.askedAt > refreshAfter) this.#refresh(known);
    return known.route.profile;
  }

  async score(call: ScoreCall): Promise<ScoreResult> {
    const known = this.#known ?? (await this.#find(call.signal));
    const outcome = await askRoute(known.route, this.#line, this.#place, call);
    if ("result" in outcome) return outcome.result;
    this.#doubt(known, outcome.refusal);
    throw outcome.refusal.error;
  }

  /** In the background: whoever asks meanwhile is served from what is known, also when the server does not answer. */
  #refresh(known: Known): void {
    known.askedAt = performance.now();
    this.#find(new AbortController().signal).catch(() => {});
  }

  /** The server contradicts what is known of it: it may have been replaced, or its limits changed. */
  #doubt(known: Known, { about, error }: Refusal): void {
    if (about === "route" && this.#known === known) this.#known = undefined;
    if (error.learned !== undefined) known.askedAt = Number.NEGATIVE_INFINITY;
  }
}

/** Gives a server that never says what it is an end. */
async function patiently<T>(find: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(patience);
  try {
    return await find(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (isDheeraError(error) || signal.aborted || !timeout.aborted) throw error;
    const message = `${providerName}: the server did not say within ${patience / 1000} seconds what it is; check api_base`;
    throw new DheeraError("provider_unreachable", message, { provider: providerName, cause: error });
  }
}
