import { BaseDurations } from "./base-durations.ts";

/** Milliseconds for which others are expected to come again. */
const protectedForMs = 30_000;
/** What background work may add to the usual duration of the others' calls, as a share of it. */
const mostDelay = 0.12;
/** The part of that delay which one of its calls may take, for a call that runs cannot be stopped. */
const callShare = 0.6;
/** Calls of others at the beginning of each period during which one call at a time is sent, to learn what is usual. */
const probesOfPeriod = 4;
/** How much a new duration counts for what is usual. */
const smoothing = 1 / 8;
/** Documents of a call while nothing is known. */
const fewestUnknown = 4;
/** A window is divided into so many calls at most, */
const mostCalls = 8;
/** and holds at least one call that the server works on, and what it does while the next is on its way, this many at most. */
const mostInTransit = 3;
const mostDocuments = 4_096;
/** A window that is larger than what is in flight by so many times does not grow. */
const mostUnused = 2;
/** A server whose lone calls take longer than so many times the shortest works on one thing at a time. */
const mostVariation = 1.2;
/** Times the usual duration of the others' calls between two calls that try whether there is room beside them. */
const trialsEvery = 10;

/** What may be in flight while others have something there, or while they have nothing. */
interface Window {
  documents: number;
  /** How long a call takes that is the only one in the background, as times its shortest; 0 before one was measured. */
  variation: number;
}

/**
 * How many documents of background work may be in flight at a server that others use as well. What has been sent is ahead
 * of everybody in the server's own queue, so it is kept short: calls so small that waiting for one is no matter, and as many
 * of them as keep the server busy. While others have something there nothing is sent, nor more than that while they have
 * not, unless background calls take hardly longer than they would alone, which holds where a server works on many at one
 * time (congestion control by delay that yields to all others: LEDBAT, RFC 6817; the window's rule is that of FAST TCP: Wei,
 * Jin, Low and Hegde, 2006). Where nobody else has come for a while there is no limit. Times are milliseconds of one clock
 * that never goes back.
 */
export class BackgroundWindow {
  readonly #base = new BaseDurations();
  readonly #windows: { readonly beside: Window; readonly alone: Window } = {
    beside: { documents: 0, variation: 0 },
    alone: { documents: 0, variation: 0 },
  };
  #protectedUntil = 0;
  #probesLeft = 0;
  #nextTrial = 0;
  /** Documents of a call of others on average; 0 before one succeeded. */
  #usual = 0;
  /** Documents of the others' largest call in this period, for which room is kept. */
  #largest = 0;

  /** Whether others have come lately. */
  isProtecting(now: number = performance.now()): boolean {
    return now < this.#protectedUntil;
  }

  /** Documents that others may want to send at any time. */
  get spare(): number {
    return this.#largest;
  }

  /** Documents that one call should hold where others have to be protected. */
  get documentsPerCall(): number {
    const { perDocument } = this.#base;
    if (this.#usual === 0) return fewestUnknown;
    const { beside, alone } = this.#windows;
    const quick = Math.round((this.#usualDuration() * mostDelay * callShare) / Math.max(perDocument, Number.EPSILON));
    const ofWindow = Math.ceil(Math.max(beside.documents, alone.documents) / mostCalls);
    return Math.max(1, Math.min(mostDocuments, Math.max(quick, ofWindow)));
  }

  /**
   * Whether so many documents may be added to those of the background that are in flight.
   * @param isBeside others have something in flight
   */
  allows(documents: number, inFlight: number, isBeside: boolean, now: number = performance.now()): boolean {
    if (this.#probesLeft > 0 && inFlight > 0) return false;
    if (!isBeside)
      return inFlight === 0 || inFlight + documents <= Math.max(this.#windows.alone.documents, this.#fewest());
    if (inFlight + documents <= this.#windows.beside.documents) return true;
    return inFlight === 0 && now >= this.#nextTrial;
  }

  /** A call was sent. */
  sent(isBeside: boolean, now: number = performance.now()): void {
    if (isBeside) this.#nextTrial = now + trialsEvery * this.#usualDuration();
  }

  /** Others used the server. @param milliseconds that their call took, where it succeeded */
  othersCalled(documents: number, milliseconds: number | undefined, now: number = performance.now()): void {
    if (!this.isProtecting(now)) this.#probesLeft = probesOfPeriod;
    this.#protectedUntil = now + protectedForMs;
    this.#largest = Math.max(this.#largest, documents);
    if (milliseconds === undefined) return;
    if (this.#probesLeft > 0) this.#probesLeft--;
    this.#measured(documents, milliseconds, now);
    this.#usual += (documents - this.#usual) * (this.#usual === 0 ? 1 : smoothing);
  }

  /** A background call ended. */
  called(documents: number, milliseconds: number | undefined, call: SentCall, now: number = performance.now()): void {
    if (!this.isProtecting(now)) return;
    const window = call.isBeside ? this.#windows.beside : this.#windows.alone;
    if (milliseconds === undefined) {
      window.documents *= 0.5;
      return;
    }
    this.#measured(documents, milliseconds, now);
    const base = Math.max(this.#base.of(documents) ?? milliseconds, 0.1);
    if (call.isOnly) {
      const variation = milliseconds / base;
      window.variation += (variation - window.variation) * (window.variation === 0 ? 1 : smoothing);
    }
    // While others are asked what is usual nothing is learned of what is not.
    if (this.#probesLeft > 0) return;
    const delay = this.#usualDuration() * mostDelay;
    const isOneByOne = window.variation * base > mostVariation * base + delay;
    const expected = base * (isOneByOne ? 1 : Math.max(1, window.variation)) + delay;
    const ratio = Math.min(2, Math.max(0.5, expected / Math.max(milliseconds, 0.1)));
    // A window that something else keeps from being used says nothing.
    if (ratio > 1 && (call.waiting === 0 || window.documents > mostUnused * call.inFlight)) return;
    const least = ratio > 1 ? documents : 0;
    window.documents = Math.min(mostDocuments, Math.max(least, window.documents + documents * (ratio - 1)));
  }

  #measured(documents: number, milliseconds: number, now: number): void {
    if (!this.#base.add(documents, milliseconds, now)) return;
    this.#probesLeft = probesOfPeriod;
    this.#largest = documents;
  }
  /** Milliseconds that a call of others takes when nothing is in its way. */
  #usualDuration(): number {
    return this.#usual === 0 ? 0 : (this.#base.of(this.#usual) ?? 0);
  }

  /** One call that the server works on, and what it does while the next is on its way. */
  #fewest(): number {
    const call = this.documentsPerCall;
    const inTransit = (this.#base.of(call) ?? 0) / Math.max(this.#base.perDocument, Number.EPSILON);
    return call + Math.max(call, Math.min(inTransit, mostInTransit * call));
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
