import type { DheeraError } from "@dheera-ai/core";

import type { ModelDescription } from "../model/description.ts";
import { cannotLoad, changed, closed, diesAgain, tooLargeOnceLoaded } from "./failures.ts";
import { ChildEnded, type ChildOptions, LoadFailed, ModelChild } from "./model-child.ts";

export interface InstanceOptions extends ChildOptions {
  /** Start a child that has died again at once, not when it is needed. */
  readonly isWarm: boolean;
  /** Whether what a child would load is still the model that it is to load. */
  readonly isCurrent: () => Promise<boolean>;
  /** Bytes that a child may use; undefined: as many as it takes. */
  readonly memoryLimit: number | undefined;
  /** Milliseconds within which a child has its model. */
  readonly loadPatienceMs: number;
}

/** Milliseconds for which a model that cannot be loaded is not loaded again. */
const failurePauseMs = 30_000;
/** The same after a child died while it loaded or before it did any work, doubling from the first to the longest. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** Milliseconds until a model serves, as long as none has been started. */
const firstStartMs = 300;
const bytesPerMs = 500_000;

/** One child at a time: started when it is needed, again when it has died, replaced when it takes too much memory. */
export class Instance {
  readonly #options: InstanceOptions;
  #child: ModelChild | undefined;
  #starting: Promise<void> | undefined;
  /** Children that finish what they run, each until it is gone. */
  /** Children that were lost or had to be replaced, by how. */
  readonly ends = new Map<string, number>();
  readonly #leaving = new Map<ModelChild, { readonly promise: Promise<void>; readonly resolve: () => void }>();
  /** Deaths since a child last did any work. */
  #deaths = 0;
  #failure: Failure | undefined;
  #startedAt = 0;
  #startMs: number;
  #isClosed = false;

  readonly #onFree: () => void;

  /** @param onFree Called whenever its child has nothing to do any more. */
  constructor(options: InstanceOptions, onFree: () => void) {
    this.#options = options;
    this.#onFree = onFree;
    this.#startMs = firstStartMs + options.load.model.weights.bytes / bytesPerMs;
  }

  /** The child that takes requests. */
  get serving(): ModelChild | undefined {
    return this.#child?.isReady ? this.#child : undefined;
  }

  get isStarting(): boolean {
    return this.#starting !== undefined;
  }

  /** Why it does not serve, as the last start found. */
  get failure(): unknown {
    return this.#failure && performance.now() < this.#failure.until ? this.#failure.error : undefined;
  }

  get pids(): readonly number[] {
    return [...this.#leaving.keys(), ...(this.#child ? [this.#child] : [])].flatMap(({ pid }) => pid ?? []);
  }

  /** Bytes of memory that its children use, as they last said. */
  get memory(): number {
    return [...this.#leaving.keys(), ...(this.#child ? [this.#child] : [])].reduce((sum, one) => sum + one.memory, 0);
  }

  get isBusy(): boolean {
    return this.#starting !== undefined || this.#leaving.size > 0 || (this.#child?.isBusy ?? false);
  }

  /** Milliseconds until a child should serve. */
  get msLeft(): number {
    return Math.max(0, this.#startMs - (this.#starting ? performance.now() - this.#startedAt : 0));
  }

  /** Resolves when a child serves; starts one where none runs. @throws DheeraError */
  start(): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    if (this.serving) return Promise.resolve();
    if (this.#starting) return this.#starting;
    if (this.#failure && performance.now() < this.#failure.until) return Promise.reject(this.#failure.error);
    this.#startedAt = performance.now();
    const starting = this.#start().finally(() => {
      this.#starting = undefined;
      this.#onFree();
    });
    this.#starting = starting;
    return starting;
  }

  /** To be called when the child has computed something. */
  worked(child: ModelChild): void {
    this.#deaths = 0;
    if (child !== this.#child || !this.#isTooLarge(child)) return;
    child.endedFor = "memory_limit";
    this.#leaving.set(child, Promise.withResolvers<void>());
    this.#child = undefined;
  }

  /** Ends the child; the next start begins another. */
  async end(): Promise<void> {
    await Promise.all([this.#child, ...this.#leaving.keys()].map((child) => child?.end()));
  }

  /** Ends the child, for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.end();
    await this.#starting?.catch(() => {});
  }

  async #start(): Promise<void> {
    const { load, memoryLimit } = this.#options;
    try {
      await Promise.all([...this.#leaving.values()].map(({ promise }) => promise));
      if (!(await this.#options.isCurrent())) throw new ModelChanged(load.model);
      const child = await this.#load();
      if (this.#isTooLarge(child)) throw tooLargeOnceLoaded(load.model, child.memory, memoryLimit);
      this.#startMs = performance.now() - this.#startedAt;
      this.#failure = undefined;
    } catch (reason) {
      if (this.#isClosed) throw closed();
      if (reason instanceof ModelChanged) throw reason.error;
      const { error } = this.#remember(reason);
      await this.end();
      throw error;
    }
  }

  async #load(): Promise<ModelChild> {
    for (;;) {
      const child = this.#fork();
      let isLate = false;
      const limitMs = this.#options.loadPatienceMs;
      const limit = setTimeout(() => {
        isLate = true;
        void child.end();
      }, limitMs);
      limit.unref();
      try {
        await child.ready;
        return child;
      } catch (reason) {
        if (isLate) throw new LoadFailed(`it was not loaded within ${Math.ceil(limitMs / 1000)} seconds`);
        // Whatever ended it the first time may have come from outside, so it is tried again at once.
        if (this.#isClosed || child.wasEnded || !(reason instanceof ChildEnded) || this.#countDeath(reason, 2))
          throw reason;
      } finally {
        clearTimeout(limit);
      }
    }
  }

  #fork(): ModelChild {
    if (this.#isClosed) throw closed();
    const child = new ModelChild(this.#options, () =>
      this.#leaving.has(child) ? void this.#replace(child) : this.#onFree(),
    );
    this.#child = child;
    void child.ended.then((ended) => {
      const how = child.wasEnded ? child.endedFor : nameOfEnd(ended);
      if (how !== undefined) this.ends.set(how, (this.ends.get(how) ?? 0) + 1);
      if (this.#child === child) this.#child = undefined;
      this.#leaving.get(child)?.resolve();
      this.#leaving.delete(child);
      if (!child.hasServed || child.wasEnded) return;
      this.#countDeath(ended, 3);
      if (this.#options.isWarm) this.start().catch(() => {});
    });
    return child;
  }

  /** It has finished what it ran. Who comes next need not wait for the start of the other. */
  async #replace(child: ModelChild): Promise<void> {
    await child.end();
    await this.start().catch(() => {});
    this.#onFree();
  }

  /**
   * @param most So many deaths in a row are too many: one request with a document that is fatal to the child, which is
   * tried twice, does not stop others.
   * @returns whether starting it again has to wait
   */
  #countDeath(ended: ChildEnded, most: number): boolean {
    if (++this.#deaths < most) return false;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#deaths - most));
    this.#failure = { error: diesAgain(this.#options.load.model, ended), until: performance.now() + pauseMs };
    return true;
  }

  /** What to say for a while instead of trying again. */
  #remember(reason: unknown): Failure {
    if (reason instanceof ChildEnded && this.#failure) return this.#failure;
    const error = reason instanceof LoadFailed ? cannotLoad(this.#options.load.model, reason) : reason;
    this.#failure = { error, until: performance.now() + failurePauseMs };
    return this.#failure;
  }

  #isTooLarge({ memory }: ModelChild): boolean {
    return memory > (this.#options.memoryLimit ?? Infinity);
  }
}

/** Few enough to count by. */
function nameOfEnd({ how }: ChildEnded): string {
  return /^(SIG[A-Z0-9]+|code \d+)$/.test(how) ? how : "not started";
}

/** No failure to remember: whoever asks next describes the model anew. */
class ModelChanged extends Error {
  readonly error: DheeraError;

  constructor(model: ModelDescription) {
    super();
    this.error = changed(model);
  }
}

interface Failure {
  readonly error: unknown;
  /** Milliseconds of the monotonic clock. */
  readonly until: number;
}
