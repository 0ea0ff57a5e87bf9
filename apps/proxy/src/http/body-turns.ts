/** Bytes from which a body takes milliseconds to parse and to check. */
export const largeBody = 250_000;
/** Bytes from which very many bodies that arrive at once would hold up everybody. */
export const middlingBody = 16_000;
/** Bytes that are measured or parsed while the event loop goes around once: milliseconds for the worst of them. */
const bytesOfRound = 500_000;

let last: Promise<void> = Promise.resolve();

/**
 * The next turn of a large body: one at a time, and after each the event loop goes around, so that small requests are
 * served between two of them, however many arrive together.
 */
export function largeBodyTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => nextRound(resolve)));
  return last;
}

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/** In the order of their arrival. */
let waiting: Waiting[] = [];
let bytesOfThisRound = 0;
let isRoundAwaited = false;

/**
 * The turn of so many bytes, which others share: of a middling body that is to be parsed, or of the next piece of a large
 * one. Undefined where it is now.
 */
export function sharedTurn(bytes: number): Promise<void> | undefined {
  if (!isRoundAwaited) nextRound(beginRound);
  isRoundAwaited = true;
  if (waiting.length === 0 && bytesOfThisRound + bytes <= bytesOfRound) {
    bytesOfThisRound += bytes;
    return undefined;
  }
  return new Promise((resolve) => waiting.push({ bytes, begin: resolve }));
}

function beginRound(): void {
  bytesOfThisRound = 0;
  let count = 0;
  for (const { bytes } of waiting) {
    if (bytesOfThisRound + bytes > bytesOfRound) break;
    bytesOfThisRound += bytes;
    count++;
  }
  const begun = waiting.slice(0, count);
  waiting = waiting.slice(count);
  isRoundAwaited = count > 0;
  if (isRoundAwaited) nextRound(beginRound);
  for (const { begin } of begun) begin();
}

function nextRound(then: () => void): void {
  (globalThis.setImmediate ?? setTimeout)(then);
}
