/** A call that ended, as the allowance judges it. */
export interface EndedCall {
  readonly documents: number;
  /** Documents in flight when it began, its own included. */
  readonly inFlight: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What is left after a refusal: of what was in flight, and of what is known to work, which it regrows to. */
const decrease = 0.5;
const keptOfProven = 0.85;
/** What is left when more than was known to work was tried and refused. */
const decreaseAfterProbe = 0.8;
/**
 * Documents that must succeed for each one refused before more is tried than is known to work: what trying costs stays
 * at 2.5 %.
 */
const successesPerRefusal = 40;
/** What is left while it yields. */
const yielded = 0.75;
/** Full allowances that succeed at one level: while it yields; between two yields beside others; and without others. */
const roundsOfYield = 4;
const roundsBetween = 15;
const roundsAlone = 100;
/** A round of a large allowance counts as so many documents, or a slow server would be yielded to for minutes. */
const longestRound = 64;
/** Share of the times when it may try more at which it yields instead. */
const shareOfYields = 0.6;
const longestStep = 16;
const stepGrowth = 0.25;

/**
 * How many documents may be in flight at one server. It begins at the server's own limit and follows what the server
 * refuses: halved by a refusal, regrown by one document for each full allowance that succeeds, and beyond what is known
 * to work only after enough successes to pay for a refusal.
 *
 * Several clients may use the same server. A client that holds the server's places is never refused, while clients that
 * come later always are. So an allowance gives up a quarter from time to time, even where nothing was refused: another
 * client takes the places, and the refusal that follows halves this allowance. Clients that all do so end up with about
 * equal shares (`allowance.test.ts`).
 */
export class Allowance {
  readonly #random: () => number;
  #limit = Infinity;
  #documents = Infinity;
  /** Documents in flight at which calls succeeded last. */
  #proven = 0;
  /** Documents that must succeed before it yields or tries more. */
  #wait = 0;
  /** Documents that must succeed before it grows back after yielding. */
  #rest = 0;
  #step = 1;
  #isProbing = false;
  /** The server has refused something, so that its limit is unknown or others use it too. */
  #isContested = false;
  #lastDecrease = 0;

  /** @param random 0 to 1, so that several clients of a server do not yield together. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Documents that may be in flight now; at least 1. */
  get documents(): number {
    return this.#documents;
  }

  /** Whether it is below the server's own limit. */
  get isLowered(): boolean {
    return this.#documents < this.#limit;
  }

  /**
   * Documents that one call should hold. Two calls share a lowered allowance, so that a refusal costs half of it and the
   * server need not wait for the next call.
   */
  get documentsPerCall(): number {
    return this.#isContested && this.isLowered ? Math.ceil(Math.floor(this.#documents) / 2) : this.#documents;
  }

  /** The server's own limit; a lowered allowance stays lowered. */
  setLimit(documents: number): void {
    if (documents === this.#limit) return;
    this.#documents = this.isLowered ? Math.min(this.#documents, documents) : documents;
    this.#limit = documents;
    this.#wait = Math.max(this.#wait, this.#round() * roundsAlone * this.#aboutOne());
  }

  /**
   * The server refused a call because it is overloaded. One overload lowers the allowance once, however many calls it
   * hits. A limit of the rate of calls never divides them, which would make more.
   */
  refused(call: EndedCall, why: "overload" | "rate", now: number = performance.now()): void {
    const before = Math.min(this.#documents, Math.max(call.inFlight, 1));
    this.#wait = Math.min(this.#wait + call.documents * successesPerRefusal, before * successesPerRefusal);
    this.#isContested = true;
    if (call.startedAt < this.#lastDecrease) return;
    this.#lastDecrease = now;
    this.#step = 1;
    this.#isProbing = false;
    this.#rest = 0;
    const least = why === "rate" ? call.documents : 1;
    const hasProbed = this.#proven > 0 && before > this.#proven;
    if (hasProbed) {
      this.#documents = Math.max(least, Math.min(Math.floor(before * decreaseAfterProbe), this.#proven));
      return;
    }
    this.#documents = Math.max(least, Math.floor(before * decrease));
    this.#proven = Math.min(this.#proven, Math.max(least, Math.floor(before * keptOfProven)));
  }

  /** A call succeeded. */
  succeeded({ documents, inFlight }: EndedCall): void {
    if (this.#documents === Infinity) {
      this.#proven = Math.max(this.#proven, inFlight);
      return;
    }
    this.#proven = Math.max(this.#proven, Math.min(inFlight, this.#documents));
    // Only who uses the allowance up learns anything about it.
    if (inFlight + documents <= this.#documents) return;
    this.#wait = Math.max(0, this.#wait - documents);
    if (this.#rest > 0) this.#rest -= documents;
    else this.#grow(Math.min(1, documents / this.#documents));
  }

  /** @param share Of a full allowance that succeeded. */
  #grow(share: number): void {
    const plateau = this.#isContested ? Math.min(this.#limit, this.#proven) : this.#limit;
    if (this.#documents < plateau) this.#documents = Math.min(plateau, this.#documents + share);
    else if (this.#isProbing) this.#probe(share);
    else if (this.#wait > 0) return;
    else if (this.isLowered && this.#random() >= shareOfYields) this.#isProbing = true;
    else this.#yield();
  }

  #probe(share: number): void {
    this.#step = Math.min(longestStep, this.#step * (1 + stepGrowth * share));
    this.#documents = Math.min(this.#limit, this.#documents + share * this.#step);
    if (this.isLowered) return;
    this.#isProbing = false;
    this.#wait = this.#round() * roundsBetween;
  }

  #yield(): void {
    const rounds = this.#isContested ? roundsBetween : roundsAlone;
    this.#wait = this.#round() * rounds * this.#aboutOne();
    if (this.#documents < 2) return;
    this.#documents = Math.min(this.#documents - 1, this.#documents * yielded);
    this.#rest = this.#round() * roundsOfYield;
  }

  #round(): number {
    return Math.min(this.#documents, longestRound);
  }

  #aboutOne(): number {
    return 0.5 + this.#random();
  }
}
