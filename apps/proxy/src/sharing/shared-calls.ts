import { type Load, firstShare } from "./shared-allowance.ts";
import { type Heard, type Told, nothingTold } from "./permits-script.ts";

export interface SharedCallsOptions {
  /** `max_parallel_requests` of all processes together. */
  readonly limit: number;
  readonly load: () => Load;
}

/**
 * How many calls of a deployment this process may have in flight: its part of `max_parallel_requests`. While it decides
 * alone it keeps its last part, or an even one where that is more; as many as are configured where it never heard of others.
 */
export class SharedCalls {
  readonly #limit: number;
  readonly #load: () => Load;
  #heard: Heard | undefined;
  #isAlone = false;
  #peak = 0;
  #hasWaited = false;

  constructor({ limit, load }: SharedCallsOptions) {
    this.#limit = limit;
    this.#load = load;
  }

  /** At least 1. */
  get calls(): number {
    this.#observeLoad();
    if (!this.#isAlone) return this.#heard?.part ?? Math.max(1, Math.floor(this.#limit * firstShare));
    if (!this.#heard) return this.#limit;
    return Math.max(this.#heard.part ?? 1, Math.floor(this.#limit / this.#heard.members), 1);
  }

  tell(): Told {
    this.#observeLoad();
    const { callsInFlight: flight } = this.#load();
    const [peak, hasWaited] = [this.#peak, this.#hasWaited];
    this.#peak = 0;
    this.#hasWaited = false;
    return {
      ...nothingTold,
      epoch: this.#heard?.epoch ?? 0,
      limit: this.#limit,
      held: this.#isAlone ? flight : (this.#heard?.part ?? 0),
      flight,
      peak,
      // How many calls those that wait will be is not known.
      want: hasWaited ? this.#limit : peak,
    };
  }

  hear(heard: Heard): void {
    this.#heard = heard;
    this.#isAlone = false;
  }

  decideAlone(): void {
    this.#isAlone = true;
  }

  #observeLoad(): void {
    const { callsInFlight, documentsQueued } = this.#load();
    this.#peak = Math.max(this.#peak, callsInFlight);
    this.#hasWaited ||= documentsQueued > 0;
  }
}
