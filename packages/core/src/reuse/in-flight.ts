import { abortable } from "../lib/abortable.ts";

/** Work that several requests wait for. It goes on while at least one of them does, whoever began it. */
export class SharedJob<T> {
  /** Milliseconds since the epoch: its owner's. */
  readonly deadline: number;
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #interested = 0;

  constructor(deadline: number, work: (signal: AbortSignal) => Promise<T>) {
    this.deadline = deadline;
    this.#result = work(this.#controller.signal);
    // Everybody may have gone away before it fails.
    this.#result.catch(() => {});
  }

  /** Calls back when it has ended. */
  whenEnded(succeeded: () => void, failed: () => void): void {
    this.#result.then(succeeded, failed);
  }

  /** Waits for the result. Leaving by the signal ends the work when nobody else waits for it. */
  async join(signal: AbortSignal): Promise<T> {
    this.#interested++;
    try {
      return await abortable(this.#result, signal);
    } finally {
      if (--this.#interested === 0) this.#controller.abort(signal.reason);
    }
  }
}

/** V8 hashes longer texts by their length alone: a Map of many alike would stall the process. They are computed by everybody. */
const longestShared = 16_000;

/** Who computes which text now, so that nobody computes it a second time. */
export class SharedWork<T> {
  readonly #scopes = new Map<string, Map<string, Claim<T>>>();
  /** Requests that have begun to ask the cache and have not looked here yet. */
  readonly #asking = new Set<Promise<void>>();

  /**
   * Whoever asks the cache says so first, and calls what is returned after having looked here. Until then work that ends can still be found: the
   * cache may have been asked before it was told.
   */
  ask(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asking.add(promise);
    return () => {
      this.#asking.delete(promise);
      resolve();
    };
  }

  /** What others compute already under this scope, by job. */
  find(scope: string, texts: readonly string[]): Division<T> {
    const claims = this.#scopes.get(scope);
    const free: number[] = [];
    const taken = new Map<SharedJob<T>, Taken[]>();
    texts.forEach((text, position) => {
      const claim = text.length > longestShared ? undefined : claims?.get(text);
      if (!claim) return free.push(position);
      const list = taken.get(claim.job) ?? [];
      taken.set(claim.job, list);
      return list.push({ position, theirs: claim.position });
    });
    return { free, taken };
  }

  /** Announces that a job computes these texts, until it has ended and nobody can have missed that. */
  claim(scope: string, texts: readonly string[], job: SharedJob<T>): void {
    const claims = this.#scopes.get(scope) ?? new Map<string, Claim<T>>();
    this.#scopes.set(scope, claims);
    texts.forEach((text, position) => text.length > longestShared || claims.set(text, { job, position }));
    const withdraw = (): void => {
      for (const text of texts) if (text.length <= longestShared && claims.get(text)?.job === job) claims.delete(text);
      if (claims.size === 0 && this.#scopes.get(scope) === claims) this.#scopes.delete(scope);
    };
    job.whenEnded(
      () => (this.#asking.size === 0 ? withdraw() : void Promise.all(this.#asking).then(withdraw)),
      withdraw,
    );
  }
}

interface Claim<T> {
  readonly job: SharedJob<T>;
  readonly position: number;
}

/** Positions that nobody works on, and those that a job does. */
export interface Division<T> {
  readonly free: readonly number[];
  readonly taken: ReadonlyMap<SharedJob<T>, readonly Taken[]>;
}

export function nobodyElse<T>(texts: readonly string[]): Division<T> {
  return { free: [...texts.keys()], taken: new Map() };
}

/** A text that somebody else computes: its position among ours and among theirs. */
export interface Taken {
  readonly position: number;
  readonly theirs: number;
}
