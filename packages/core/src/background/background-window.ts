import { BaseDurations } from "./base-durations.ts";
import { type CallSize, bestCallSize } from "./call-size.ts";

/** Milliseconds for which others are expected to come again. */
const protectedForMs = 30_000;
/** What calls beside others may add to how long one takes alone, as a share of the others' usual duration. */
const mostDelay = 0.12;
/** A server whose lone calls beside others take longer than so many times the shortest works on one thing at a time. */
const mostVariation = 1.2;
/** Each is taken to do so before several calls have shown that it does not. */
const unlikely = 1.6;
/** Calls of others at the beginning of each period during which one call at a time is sent, to learn what is usual. */
const probesOfPeriod = 4;
/** How much a new measurement counts. */
const smoothing = 1 / 8;
/** How much a new one counts for how often others come. */
const smoothingOfGaps = 1 / 32;
/** Milliseconds of a usual call below which no more is known of it than that nobody waits for long. */
const shortestKnown = 1;
/** Documents of a call while nothing is known. */
const fewestUnknown = 4;
/** Where two calls may be in flight, they may hold so many times what they should: they were planned when that was another. */
const mostOutOfSize = 1.5;
/** A window is divided into so many calls at most. */
const mostCalls = 8;
const mostDocuments = 4_096;
/** A window that is larger than what is in flight by so many times does not grow. */
const mostUnused = 2;
/** Times the usual duration of the others' calls between two calls that try whether there is room beside them: at first, and after many that found none. */
const trialsEvery = 10;
const trialsEveryAtMost = 1_000;

/**
 * How many documents of background work may be in flight at a server that others use as well. What has been sent is ahead
 * of everybody in the server's own queue, so it is kept short: while others have nothing there, calls follow each other that
 * are as small, or as seldom, as leaves the others' median what it should be (`bestCallSize`). While they have something there nothing
 * is sent, unless background calls take hardly longer then than they would alone, which holds where a server works on many at one
 * time: there windows grow and shrink by how long calls take (congestion control by delay that yields to all others: LEDBAT,
 * RFC 6817; the window's rule is that of FAST TCP: Wei, Jin, Low and Hegde, 2006). Where nobody else has come for a while there is
 * no limit. Times are milliseconds of one clock that never goes back.
 */
export class BackgroundWindow {
  readonly #others = new BaseDurations();
  /** Of background calls that had the server to themselves: their documents may be longer or shorter than the others'. */
  readonly #lone = new BaseDurations();
  /** Of those beside others, or beside each other. */
  readonly #disturbed = new BaseDurations();
  /** Documents in flight at a server that works on many at one time, while others have something there, and while not. */
  readonly #windows = { beside: 0, alone: 0 };
  /** Milliseconds of a call in which the server does not work on it; undefined before two at one time were measured. */
  #way: number | undefined;
  /** Documents of the call that ended last, where it was sent behind another one and others had nothing there; else 0. */
  #pairBefore = 0;
  /** How long a lone call takes beside others, as times its shortest; 0 before one was measured. */
  #variation = 0;
  #worksOnMany = false;
  #protectedUntil = 0;
  #probesLeft = 0;
  #nextTrial = 0;
  #trialsEvery = trialsEvery;
  #restsUntil = 0;
  #size: CallSize | undefined;
  /** Documents of a call of others on average; 0 before one succeeded. */
  #usual = 0;
  /** Documents of the others' largest call in this period, for which room is kept. */
  #largest = 0;
  #lastOfOthers = 0;
  /** Milliseconds between calls of others on average; Infinity before there were two. */
  #gap = Infinity;

  /** Whether others have come lately. */
  isProtecting(now: number = performance.now()): boolean {
    return now < this.#protectedUntil;
  }

  /** Documents that others may want to send at any time. */
  get spare(): number {
    return this.#largest;
  }

  /** When the next call may be sent at the earliest, while others have nothing there. */
  get restsUntil(): number {
    return this.#restsUntil;
  }

  /** Documents that one call should hold where others have to be protected. */
  get documentsPerCall(): number {
    const ofWindow = Math.ceil(Math.max(this.#windows.beside, this.#windows.alone) / mostCalls);
    return Math.min(mostDocuments, Math.max(this.#callSize().documents, ofWindow));
  }

  /**
   * Whether so many documents may be added to those of the background that are in flight.
   * @param isBeside others have something in flight
   */
  allows(documents: number, inFlight: number, isBeside: boolean, now: number = performance.now()): boolean {
    if (inFlight > 0) {
      if (this.#probesLeft > 0) return false;
      const { documents: each, calls } = this.#callSize();
      const most = isBeside
        ? this.#windows.beside
        : Math.max(this.#windows.alone, each * (calls === 1 ? 1 : calls * mostOutOfSize));
      return inFlight + documents <= most;
    }
    if (!isBeside) return now >= this.#restsUntil;
    return documents <= this.#windows.beside || now >= this.#nextTrial;
  }

  /** A call was sent. */
  sent(isBeside: boolean, now: number = performance.now()): void {
    if (isBeside) this.#nextTrial = now + this.#trialsEvery * this.#usualDuration();
  }

  /** Others used the server. @param milliseconds that their call took, where it succeeded */
  othersCalled(documents: number, milliseconds: number | undefined, now: number = performance.now()): void {
    if (this.isProtecting(now)) {
      const gap = now - this.#lastOfOthers;
      this.#gap = this.#gap === Infinity ? gap : this.#gap + (gap - this.#gap) * smoothingOfGaps;
    } else this.#probesLeft = probesOfPeriod;
    this.#lastOfOthers = now;
    this.#protectedUntil = now + protectedForMs;
    this.#largest = Math.max(this.#largest, documents);
    if (milliseconds === undefined) return;
    if (this.#probesLeft > 0) this.#probesLeft--;
    this.#size = undefined;
    if (this.#others.add(documents, milliseconds, now)) {
      this.#probesLeft = probesOfPeriod;
      this.#largest = documents;
    }
    this.#usual += (documents - this.#usual) * (this.#usual === 0 ? 1 : smoothing);
  }

  /** A background call ended. */
  called(documents: number, milliseconds: number | undefined, call: SentCall, now: number = performance.now()): void {
    if (!this.isProtecting(now)) return;
    const window = call.isBeside ? "beside" : "alone";
    if (milliseconds === undefined) {
      this.#windows[window] *= 0.5;
      return;
    }
    this.#size = undefined;
    const durations = call.isOnly && !call.isBeside ? this.#lone : this.#disturbed;
    // What two at one time bring is tried anew: while one is sent after the other nothing is learned of it.
    if (durations.add(documents, milliseconds, now)) this.#way = undefined;
    this.#restsUntil = now + this.#callSize().rest;
    // While others are asked what is usual nothing is learned of what is not.
    if (this.#probesLeft > 0) return;
    const base = Math.max(0.1, Math.min(milliseconds, ...this.#shortest(documents)));
    const pair = call.isOnly || call.isBeside ? 0 : documents;
    // Behind a larger one, or one that was sent with it, it takes longer than the rule below supposes.
    if (pair > 0 && pair === this.#pairBefore) this.#measureWay(base - (milliseconds * pair) / call.inFlight);
    this.#pairBefore = pair;
    const delay = this.#usualDuration() * mostDelay;
    this.#tryBeside(milliseconds / base, delay / base, call);
    if (!this.#worksOnMany) {
      this.#windows.beside = this.#windows.alone = 0;
      return;
    }
    const ratio = Math.min(2, Math.max(0.5, (base + delay) / Math.max(milliseconds, 0.1)));
    // A window that something else keeps from being used says nothing.
    if (ratio > 1 && (call.waiting === 0 || this.#windows[window] > mostUnused * call.inFlight)) return;
    const least = ratio > 1 ? documents : 0;
    const next = this.#windows[window] + documents * (ratio - 1);
    this.#windows[window] = Math.min(mostDocuments, Math.max(least, next));
  }

  /** Of several calls at one time each takes as long as the server works on all. */
  #measureWay(milliseconds: number): void {
    const way = Math.min(Math.max(0, milliseconds), this.#lone.of(1) ?? 0);
    this.#way = this.#way === undefined ? way : this.#way + (way - this.#way) * smoothing;
  }

  /** Whether the server works on many at one time, which lone calls beside others show. */
  #tryBeside(variation: number, delay: number, { isBeside, isOnly }: SentCall): void {
    const most = mostVariation + delay;
    if (this.#variation === 0) this.#variation = unlikely * most;
    if (isBeside && isOnly) {
      this.#variation += (variation - this.#variation) * smoothing;
      this.#trialsEvery =
        variation > most && !this.#worksOnMany ? Math.min(trialsEveryAtMost, 2 * this.#trialsEvery) : trialsEvery;
    }
    this.#worksOnMany = this.#variation <= most;
  }

  /** Milliseconds that a call of others takes when nothing is in its way. */
  #usualDuration(): number {
    return this.#usual === 0 ? 0 : (this.#others.of(this.#usual) ?? 0);
  }

  #shortest(documents: number): number[] {
    return [this.#lone, this.#disturbed].flatMap((durations) => durations.of(documents) ?? []);
  }

  #callSize(): CallSize {
    const usual = this.#usualDuration();
    if (usual < shortestKnown) return { documents: fewestUnknown, calls: 1, rest: 0 };
    const durationOf = (documents: number): number =>
      Math.max(0.1, this.#lone.of(documents) ?? this.#others.of(documents) ?? 0);
    const others = { usual, load: usual / this.#gap, isInNoWay: this.#worksOnMany && this.#windows.beside > 0 };
    return (this.#size ??= bestCallSize(durationOf, this.#way ?? durationOf(1), others));
  }
}

/** How things were when a background call was sent, and when it ended. */
export interface SentCall {
  /** Others had something in flight. */
  readonly isBeside: boolean;
  /** The background had nothing else in flight. */
  readonly isOnly: boolean;
  /** Documents of the background in flight and waiting when it ended. */
  readonly inFlight: number;
  readonly waiting: number;
}
