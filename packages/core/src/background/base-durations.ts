/** Milliseconds after which the shortest duration is forgotten, at the latest after twice as many. */
const memoryMs = 30_000;
/** Sizes of calls: 1, 2, 3, 4–5, 6–7, 8–11, 12–15 … */
const sizes = 64;
/** A document costs at least this part of what it costs in the quickest call: a shortest duration may not be short. */
const leastShare = 0.25;

/** The shortest call of a size. */
interface Shortest {
  readonly documents: number;
  readonly milliseconds: number;
}

/**
 * How long calls to one server take when nothing is in their way, learned from the shortest of each size: so much for a
 * call, and so much for each of its documents.
 */
export class BaseDurations {
  #recent: (Shortest | undefined)[] = [];
  #before: (Shortest | undefined)[] = [];
  #periodEnds = 0;

  /** @returns whether a new period has begun: a server may become slower for good, and what was measured long ago says nothing */
  add(documents: number, milliseconds: number, now: number): boolean {
    const isNew = now >= this.#periodEnds;
    if (isNew) {
      this.#before = now >= this.#periodEnds + memoryMs ? [] : this.#recent;
      this.#recent = [];
      this.#periodEnds = now + memoryMs;
    }
    const size = sizeOf(documents);
    if (milliseconds < (this.#recent[size]?.milliseconds ?? Infinity)) this.#recent[size] = { documents, milliseconds };
    return isNew;
  }

  /** Milliseconds that a call of so many documents takes; undefined while nothing is known. */
  of(documents: number): number | undefined {
    const size = sizeOf(documents);
    for (let distance = 0; distance < sizes; distance++)
      for (const near of [this.#shortest(size - distance), this.#shortest(size + distance)])
        if (near) return Math.max(near.milliseconds + (documents - near.documents) * this.perDocument, 0);
    return undefined;
  }

  /** Milliseconds by which a call takes longer for each document more; 0 while nothing is known. */
  get perDocument(): number {
    const known = Array.from({ length: sizes }, (_, size) => this.#shortest(size)).filter((one) => one !== undefined);
    const [smallest, largest] = [known[0], known.at(-1)];
    if (!smallest || !largest) return 0;
    const quickest = Math.min(...known.map(({ documents, milliseconds }) => milliseconds / documents));
    const slope = (largest.milliseconds - smallest.milliseconds) / (largest.documents - smallest.documents);
    // Where small calls seem to be no quicker than large ones, something was in their way, or the server takes any call alike.
    return slope > 0 ? Math.max(slope, quickest * leastShare) : quickest;
  }

  #shortest(size: number): Shortest | undefined {
    const [recent, before] = [this.#recent[size], this.#before[size]];
    return !before || (recent && recent.milliseconds <= before.milliseconds) ? recent : before;
  }
}

/** Two for each power of two. */
function sizeOf(documents: number): number {
  const power = 31 - Math.clz32(documents);
  return 2 * power + (documents >= 1.5 * 2 ** power ? 1 : 0);
}
