import type { Background } from "../deployment/admission.ts";
import type { SharedText } from "../dispatch/outcome-builder.ts";
import { abortable } from "../lib/waiting.ts";

/**
 * Work that several requests wait for. It goes on while at least one of them does, also when the one that began it
 * ends.
 */
export class SharedJob<T> {
  /** Milliseconds since the epoch: the deadline of the request that began it. */
  readonly deadline: number;
  /** Present where the request that began it is in the background. */
  readonly background: Background | undefined;
  /** How many texts it computes. */
  readonly #texts: number;
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  constructor(deadline: number, work: (signal: AbortSignal) => Promise<T>, background?: Background, texts = 0) {
    this.deadline = deadline;
    this.background = background;
    this.#texts = texts;
    this.#result = work(this.#controller.signal);
    // Every request may have ended before it fails.
    this.#result.catch(() => {});
  }

  /** Whether a request that is not in the background has its own texts sooner when it computes them itself. */
  isTooLong(texts: number): boolean {
    return this.background !== undefined && !this.background.raisedBy && this.#texts > texts * mostTimesLonger;
  }

  /** Calls back when it has ended. */
  whenEnded(succeeded: () => void, failed: () => void): void {
    this.#result.then(succeeded, failed);
  }

  /** Waits for the result. The work ends when the last request that waits for it leaves by its signal. */
  async join(signal: AbortSignal): Promise<T> {
    this.#waiting++;
    try {
      return await abortable(this.#result, signal);
    } finally {
      if (--this.#waiting === 0) this.#controller.abort(signal.reason);
    }
  }
}

/**
 * V8 hashes longer texts by their length alone: a Map of many alike would stall the process. Each request computes them
 * by itself, and what belongs to a query of that length.
 */
const longestShared = 16_000;

/** Who waits for work in the background has it sent as its own, all of it. */
const mostTimesLonger = 2;

/** The texts that requests are computing, so that no other computes them a second time. */
export class InFlight<T> {
  readonly #scopes = new Map<string, Map<string, Claim<T>>>();
  /** Requests that have begun to ask the cache and have not looked here yet. */
  readonly #lookups = new Set<Promise<void>>();

  /**
   * Announces a lookup in the cache; the returned function ends it, once the request has looked here as well. Until
   * then work that ends can still be found: the cache may have been asked before the scores were stored.
   */
  beginLookup(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lookups.add(promise);
    return () => {
      this.#lookups.delete(promise);
      resolve();
    };
  }

  /**
   * Divides texts into those that no job of this scope computes and those that one does. Jobs in `except` do not count, nor
   * work in the background that would take much longer, unless the request is in the background as well.
   */
  find(
    scope: string,
    texts: readonly string[],
    except: ReadonlySet<SharedJob<T>>,
    isInBackground = false,
  ): Division<T> {
    const claims = scope.length > longestShared ? undefined : this.#scopes.get(scope);
    const free: number[] = [];
    const taken = new Map<SharedJob<T>, SharedText[]>();
    texts.forEach((text, position) => {
      const claim = text.length > longestShared ? undefined : claims?.get(text);
      if (!claim || except.has(claim.job) || (!isInBackground && claim.job.isTooLong(texts.length)))
        return free.push(position);
      const list = taken.get(claim.job) ?? [];
      taken.set(claim.job, list);
      return list.push({ position, theirs: claim.position });
    });
    return { free, taken };
  }

  /** Announces that a job computes these texts, until it has ended and no lookup can have missed that. */
  claim(scope: string, texts: readonly string[], job: SharedJob<T>): void {
    if (scope.length > longestShared) return;
    const claims = this.#scopes.get(scope) ?? new Map<string, Claim<T>>();
    this.#scopes.set(scope, claims);
    texts.forEach((text, position) => text.length > longestShared || claims.set(text, { job, position }));
    const withdraw = (): void => {
      for (const text of texts) if (text.length <= longestShared && claims.get(text)?.job === job) claims.delete(text);
      if (claims.size === 0 && this.#scopes.get(scope) === claims) this.#scopes.delete(scope);
    };
    job.whenEnded(
      () => (this.#lookups.size === 0 ? withdraw() : void Promise.all(this.#lookups).then(withdraw)),
      withdraw,
    );
  }
}

interface Claim<T> {
  readonly job: SharedJob<T>;
  readonly position: number;
}

/** Positions that no job computes, and those that one does. */
export interface Division<T> {
  readonly free: readonly number[];
  readonly taken: ReadonlyMap<SharedJob<T>, readonly SharedText[]>;
}

export function allFree<T>(texts: readonly string[]): Division<T> {
  return { free: [...texts.keys()], taken: new Map() };
}
