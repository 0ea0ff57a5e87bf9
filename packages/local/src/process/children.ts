import type { ChildProcesses } from "@dheera-ai/core";
import { abortable } from "@dheera-ai/core/provider-utils";

import { closed, diedTwice, refused } from "./failures.ts";
import { Instance, type InstanceOptions } from "./instance.ts";
import { ChildEnded, ChildRefused, type ModelChild } from "./model-child.ts";
import type { ScoreMessage, ScoresMessage } from "./protocol.ts";

export interface ChildrenOptions extends InstanceOptions {
  /** Children with the same model, at least 1. */
  readonly instances: number;
  /** Milliseconds without a request after which they are ended; Infinity: never. */
  readonly idleMs: number;
}

/** What a request brought. */
export interface Scored {
  /** See `ScoresMessage`; in the order of the documents. */
  readonly scores: Float64Array;
  /** Positions of documents that were cut. */
  readonly truncated: readonly number[];
  /** Tokens that the model read, those of the query included. */
  readonly tokens: number;
  /** The query itself was cut. */
  readonly isQueryCut: boolean;
}

/** The child processes of one model with the same settings: requests go to the one that has least to do. */
export class Children {
  readonly #options: ChildrenOptions;
  readonly #instances: readonly Instance[];
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** The end of the last request that is tried again. */
  #again: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: ChildrenOptions) {
    this.#options = options;
    this.#instances = Array.from(
      { length: options.instances },
      () => new Instance(options, () => this.#countIdleTime()),
    );
  }

  /** Whether a child serves. */
  get isServing(): boolean {
    return this.#instances.some(({ serving }) => serving !== undefined);
  }

  get isStarting(): boolean {
    return !this.isServing && this.#instances.some(({ isStarting }) => isStarting);
  }

  /** Why none serves, as the last start found. */
  get failure(): unknown {
    return this.isServing ? undefined : this.#instances.find(({ failure }) => failure !== undefined)?.failure;
  }

  /** As those see them who watch them. */
  get processes(): ChildProcesses {
    const ends: Record<string, number> = {};
    for (const instance of this.#instances)
      for (const [how, count] of instance.ends) ends[how] = (ends[how] ?? 0) + count;
    return {
      serving: this.#instances.filter(({ serving }) => serving !== undefined).length,
      starting: this.#instances.filter(({ isStarting }) => isStarting).length,
      isFailing: this.failure !== undefined,
      memory: this.#instances.reduce((sum, { memory }) => sum + memory, 0),
      ends,
    };
  }

  /** Process ids of those that run. */
  get pids(): readonly number[] {
    return this.#instances.flatMap(({ pids }) => pids);
  }

  /** Seconds until a child should serve, at least 1. */
  get secondsLeft(): number {
    return Math.max(1, Math.ceil(Math.min(...this.#instances.map(({ msLeft }) => msLeft)) / 1000));
  }

  /**
   * Starts the children that do not run. Resolves when one serves.
   * @param where In the background it does not keep this process alive.
   * @throws DheeraError
   */
  async start(where: "foreground" | "background" = "foreground"): Promise<void> {
    clearTimeout(this.#idle);
    const alive = where === "foreground" ? setInterval(() => {}, longestIntervalMs) : undefined;
    try {
      await Promise.any(this.#instances.map((instance) => instance.start()));
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    } finally {
      clearInterval(alive);
      this.#countIdleTime();
    }
  }

  /**
   * Scores documents; what is missing when a child dies is tried once more.
   * @throws DheeraError; the signal's reason when it aborts
   */
  async score(request: Omit<ScoreMessage, "type" | "id">, signal: AbortSignal): Promise<Scored> {
    const scores = new Float64Array(request.documents.length);
    const truncated: number[] = [];
    let known = 0;
    let tokens = 0;
    let query = { queryTokens: 0, isQueryCut: false };
    await this.#ask(signal, async (child, instance) => {
      const first = known;
      // Nothing is missing but the word that it is done.
      if (first === scores.length) return;
      const documents = first === 0 ? request.documents : request.documents.slice(first);
      const add = (part: ScoresMessage): void => {
        scores.set(part.scores, first + part.from);
        for (const position of part.truncated) truncated.push(first + position);
        for (const count of part.tokens) tokens += count;
        known = first + part.from + part.scores.length;
        query = { queryTokens: part.queryTokens, isQueryCut: query.isQueryCut || part.isQueryCut };
        instance.worked(child);
      };
      await child.score({ ...request, documents }, add, signal);
    });
    return { scores, truncated, tokens: tokens + query.queryTokens, isQueryCut: query.isQueryCut };
  }

  /** The tokens of each text. @throws as `score` does */
  count(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    return this.#ask(signal, (child) => child.count(texts, signal));
  }

  /** Ends all of them, for good. Resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    await Promise.all(this.#instances.map((instance) => instance.close()));
  }

  async #ask<T>(signal: AbortSignal, ask: Ask<T>): Promise<T> {
    try {
      return await this.#askOnce(signal, ask);
    } catch (error) {
      if (!(error instanceof ChildEnded)) throw error;
    } finally {
      this.#countIdleTime();
    }
    // One after the other: if one of them is fatal to the child, it is not fatal to the others a second time.
    const turn = this.#again.then(async () => {
      try {
        return await this.#askOnce(signal, ask);
      } catch (error) {
        throw error instanceof ChildEnded ? diedTwice(this.#options.load.model, error) : error;
      } finally {
        this.#countIdleTime();
      }
    });
    this.#again = turn.then(ignore, ignore);
    return abortable(turn, signal);
  }

  /** @throws ChildEnded where the child died of itself; DheeraError; the signal's reason */
  async #askOnce<T>(signal: AbortSignal, ask: Ask<T>): Promise<T> {
    for (;;) {
      const [child, instance] = await this.#leastBusy(signal);
      try {
        return await ask(child, instance);
      } catch (error) {
        if (error instanceof ChildRefused) throw refused(this.#options.load.model, error);
        if (!(error instanceof ChildEnded)) throw error;
        if (this.#isClosed) throw closed();
        // It was ended from here, which is no fault of the request.
        if (!child.wasEnded) throw error;
      }
    }
  }

  async #leastBusy(signal: AbortSignal): Promise<readonly [ModelChild, Instance]> {
    clearTimeout(this.#idle);
    for (;;) {
      signal.throwIfAborted();
      let least: readonly [ModelChild, Instance] | undefined;
      for (const instance of this.#instances) {
        const child = instance.serving;
        // One that has died is started again beside the others.
        if (!child) instance.start().catch(() => {});
        else if (!least || child.documents < least[0].documents) least = [child, instance];
      }
      if (least) return least;
      await abortable(this.start(), signal);
    }
  }

  #countIdleTime(): void {
    clearTimeout(this.#idle);
    if (this.#options.idleMs > longestIntervalMs || this.#isClosed) return;
    if (this.#instances.some(({ isBusy }) => isBusy)) return;
    this.#idle = setTimeout(() => {
      for (const instance of this.#instances) if (!instance.isBusy) void instance.end();
    }, this.#options.idleMs);
    this.#idle.unref();
  }
}

type Ask<T> = (child: ModelChild, instance: Instance) => Promise<T>;

const ignore = (): void => {};

/** The longest that a timer takes. */
const longestIntervalMs = 2 ** 31 - 1;
