/** Transient refusals one after the other, after which the batch pauses as a whole. */
const refusalsInRow = 16;
const firstWait = 1_000;
const longestWait = 30_000;
/** Seconds of what a server asks for that are respected at most. */
const longestRetryAfter = 300;

/** Why nothing of a batch is asked now: nobody answers, or what is answered cannot be written. */
export class BatchPause {
  /** Called when lines may be asked again. */
  readonly #ready: () => void;
  /** What cannot be written now, each with its reason. */
  readonly #blocks = new Map<symbol, string>();
  #pause: { readonly reason: string; readonly until: number; readonly wait: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #refusals = 0;

  constructor(ready: () => void) {
    this.#ready = ready;
  }

  get reason(): string | undefined {
    return this.#blocks.values().next().value ?? this.#pause?.reason;
  }

  get isPaused(): boolean {
    return this.#pause !== undefined || this.isBlocked;
  }

  /** What was answered cannot be written. */
  get isBlocked(): boolean {
    return this.#blocks.size > 0;
  }

  /** Whether one line may be asked, to see whether the pause is over. */
  get isDue(): boolean {
    return this.#pause !== undefined && performance.now() >= this.#pause.until;
  }

  /** Nothing is asked for a while, which grows from one second to 30. @param retryAfter seconds */
  begin(reason: string, retryAfter: number | undefined): void {
    const now = performance.now();
    // Others that were in flight say the same.
    if (this.#pause && now < this.#pause.until) return;
    const wait = Math.min(longestWait, this.#pause ? 2 * this.#pause.wait : firstWait);
    const actual = Math.max(wait, Math.min(retryAfter ?? 0, longestRetryAfter) * 1_000);
    this.#pause = { reason, until: now + actual, wait };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ready, actual + 1);
  }

  refused(status: number): void {
    if (++this.#refusals < refusalsInRow && !this.#pause) return;
    this.begin(refusedWith(status), undefined);
  }

  served(): void {
    this.#refusals = 0;
    // What was in flight when the pause began says nothing about it.
    if (!this.isDue) return;
    this.#pause = undefined;
    clearTimeout(this.#timer);
  }

  /** @returns what ends it */
  block(reason: string): () => void {
    const block = Symbol(reason);
    this.#blocks.set(block, reason);
    return () => {
      this.#blocks.delete(block);
      this.#ready();
    };
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

/** Why a batch pauses whose servers refuse everybody. */
export function refusedWith(status: number): string {
  return `The last requests were refused with status ${status}.`;
}
