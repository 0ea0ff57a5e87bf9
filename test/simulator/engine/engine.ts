/** How long the simulated accelerator takes. */
export interface EngineSettings {
  readonly maxBatchTokens: number;
  readonly microsecondsPerToken: number;
  readonly millisecondsPerBatch: number;
  readonly pads: boolean;
}

/** The accelerator: one batch at a time, first come first served, as many texts as `max_batch_tokens` holds. */
export class Engine {
  pairsScored = 0;
  /** Padding included. */
  tokensComputed = 0;
  readonly #settings: EngineSettings;
  readonly #queue: Entry[] = [];
  readonly #jobs = new Set<Job>();
  #batch: readonly Entry[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
  }

  /**
   * Computes texts of these lengths. `onLeave` is called once for each as soon as the accelerator is done with it.
   * Resolves to false when the work was dropped: the client went away, or the process died.
   */
  compute(lengths: readonly number[], signal: AbortSignal, onLeave: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      const job = new Job(lengths.length, onLeave, (scored) => {
        this.#jobs.delete(job);
        signal.removeEventListener("abort", drop);
        resolve(scored);
      });
      const drop = (): void => job.drop();
      if (lengths.length === 0) return resolve(true);
      this.#jobs.add(job);
      signal.addEventListener("abort", drop);
      if (signal.aborted) return job.drop();
      for (const tokens of lengths) this.#queue.push({ tokens, job });
      if (this.#timer === undefined) this.#startBatch(performance.now());
    });
  }

  /** What a process does when it dies: everything under way is lost. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#batch = [];
    this.#queue.length = 0;
    for (const job of this.#jobs) job.drop();
  }

  #startBatch(start: number): void {
    const { entries, tokens } = this.#takeBatch();
    if (entries.length === 0) return;
    this.#batch = entries;
    this.tokensComputed += tokens;
    const milliseconds = this.#settings.millisecondsPerBatch + (tokens * this.#settings.microsecondsPerToken) / 1000;
    if (milliseconds === 0) return this.#endBatch(start);
    // The next batch begins when this one should have ended: late timers do not lower the capacity.
    const end = start + milliseconds;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#endBatch(end);
      },
      Math.max(0, end - performance.now()),
    );
  }

  #endBatch(end: number): void {
    const batch = this.#batch;
    this.#batch = [];
    this.pairsScored += batch.length;
    for (const entry of batch) entry.job.finishOne();
    if (this.#timer === undefined) this.#startBatch(end);
  }

  #takeBatch(): { readonly entries: readonly Entry[]; readonly tokens: number } {
    const entries: Entry[] = [];
    let tokens = 0;
    let longest = 0;
    let taken = 0;
    for (const entry of this.#queue) {
      if (!entry.job.dropped) {
        const newLongest = Math.max(longest, entry.tokens);
        const newTokens = this.#settings.pads ? newLongest * (entries.length + 1) : tokens + entry.tokens;
        if (entries.length > 0 && newTokens > this.#settings.maxBatchTokens) break;
        entries.push(entry);
        tokens = newTokens;
        longest = newLongest;
      }
      taken += 1;
    }
    this.#queue.splice(0, taken);
    return { entries, tokens };
  }
}

/** One text in the queue. */
interface Entry {
  readonly tokens: number;
  readonly job: Job;
}

/** The texts of one call. */
class Job {
  dropped = false;
  #left: number;
  readonly #onLeave: () => void;
  readonly #onEnd: (scored: boolean) => void;

  constructor(texts: number, onLeave: () => void, onEnd: (scored: boolean) => void) {
    this.#left = texts;
    this.#onLeave = onLeave;
    this.#onEnd = onEnd;
  }

  finishOne(): void {
    if (this.dropped) return;
    this.#left -= 1;
    this.#onLeave();
    if (this.#left === 0) this.#onEnd(true);
  }

  drop(): void {
    if (this.dropped || this.#left === 0) return;
    this.dropped = true;
    for (; this.#left > 0; this.#left--) this.#onLeave();
    this.#onEnd(false);
  }
}
