/** Milliseconds for which the window is kept after the last call that it protects. */
const protectedForMs = 10_000;
/** Milliseconds after which the shortest duration is forgotten, at the latest after twice as many. */
const memoryMs = 30_000;
/** A call may take this many times the shortest of its size; beyond it others are in its way. */
const mostSlowdown = 2;
/** Up to here nothing is in its way, and there may be more in flight. */
const fairSlowdown = 1.5;
/** Milliseconds by which durations differ for no reason. */
const jitterMs = 1;
const decrease = 0.75;
const increase = 16;
const fewestDocuments = 16;
/** Calls at the beginning of each period during which the window is as small as can be, to learn what is usual. */
const probesOfPeriod = 8;
/** More than any server takes; without an end the window would take long to close again. */
const mostDocuments = 4_096;
/** Sizes of calls by their power of two: 1, 2–3, 4–7 … */
const sizes = 32;

/**
 * How many documents one tenant may have in flight at a deployment while others with little to do use it as well. The
 * queue before a deployment can be as fair as it likes: what has been sent is ahead of everybody. The window opens
 * while calls of tenants that have nothing else there take as long as ever, and closes when they take much longer,
 * which keeps the server's own queue short (congestion control by delay: Brakmo and Peterson, 1995). Where nobody has
 * to be protected it is infinite. Times are milliseconds of one clock that never goes back.
 */
export class TenantWindow {
  #documents = fewestDocuments;
  /** It doubles with each good sign until the first bad one. */
  #isOpening = true;
  /** By `performance.now()`; 0 while nobody has to be protected. */
  #protectedUntil = 0;
  /** Shortest durations by size of call, in this period and in the one before. */
  #shortest = unknownDurations();
  #shortestBefore = unknownDurations();
  #periodEnds = 0;
  #probesLeft = 0;

  /** Whether a tenant with so many documents in flight may have more. One call it always may. */
  allows(documents: number, inFlight: number, weight: number): boolean {
    if (inFlight === 0 || this.#protectedUntil === 0) return true;
    const most = this.#probesLeft > 0 ? fewestDocuments : this.#documents;
    return inFlight + documents <= most * weight || !this.#isProtecting();
  }

  /** A call was scored that was all its tenant had there. @param isAlone nobody else had anything there either */
  measured(documents: number, milliseconds: number, isAlone: boolean): void {
    const now = performance.now();
    if (now >= this.#periodEnds) this.#beginPeriod(now);
    const size = 31 - Math.clz32(documents);
    const shortest = Math.min(this.#shortest[size] ?? Infinity, milliseconds);
    this.#shortest[size] = shortest;
    if (isAlone) return;
    this.#protectedUntil = now + protectedForMs;
    if (this.#probesLeft > 0) {
      this.#probesLeft--;
      return;
    }
    const usual = Math.min(shortest, this.#shortestBefore[size] ?? Infinity);
    if (milliseconds > usual * mostSlowdown + jitterMs) {
      this.#isOpening = false;
      this.#documents = Math.max(fewestDocuments, this.#documents * decrease);
    } else if (milliseconds <= usual * fairSlowdown + jitterMs) {
      const more = this.#isOpening ? this.#documents : increase;
      this.#documents = Math.min(mostDocuments, this.#documents + more);
    }
  }

  #isProtecting(): boolean {
    if (performance.now() >= this.#protectedUntil) this.#protectedUntil = 0;
    return this.#protectedUntil > 0;
  }

  /** A server may become slower for good; what was measured too long ago says nothing about now. */
  #beginPeriod(now: number): void {
    this.#shortestBefore = now >= this.#periodEnds + memoryMs ? unknownDurations() : this.#shortest;
    this.#shortest = unknownDurations();
    this.#periodEnds = now + memoryMs;
    this.#probesLeft = probesOfPeriod;
  }
}

function unknownDurations(): Float64Array {
  return new Float64Array(sizes).fill(Infinity);
}
