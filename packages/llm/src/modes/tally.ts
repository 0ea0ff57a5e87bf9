import type { Usage } from "@dheera-ai/core";
import { addUsage } from "@dheera-ai/core/provider-utils";

import type { Repairs } from "../answers/read-ranking.ts";

/** What the exchanges of one call used, and what was mended of their answers. */
export class Tally {
  #usage: Usage | undefined;
  #answers = 0;
  #mended = 0;
  #missing = 0;
  #repeated = 0;
  #unknown = 0;

  add(usage: Usage, { missing, repeated, unknown }: Repairs = nothing): void {
    this.#usage = addUsage(this.#usage, usage);
    this.#answers++;
    if (missing + repeated + unknown > 0) this.#mended++;
    this.#missing += missing;
    this.#repeated += repeated;
    this.#unknown += unknown;
  }

  get usage(): Usage | undefined {
    return this.#usage;
  }

  /** False where documents have a place or a grade that no answer gave them. */
  get keep(): boolean {
    return this.#missing === 0;
  }

  /** @param missing what became of documents that were not named */
  warnings(missing: string): readonly string[] {
    if (this.#mended === 0) return [];
    const what = [
      this.#missing > 0 && `${this.#missing} times a document was not named, and ${missing}`,
      this.#repeated > 0 && `${this.#repeated} times one was named again, and counts where it was named first`,
      this.#unknown > 0 && `${this.#unknown} ids were of no document`,
    ].filter((part) => part !== false);
    return [`the model's answers were mended (${this.#mended} of ${this.#answers}): ${what.join("; ")}`];
  }
}

const nothing: Repairs = { missing: 0, repeated: 0, unknown: 0 };
