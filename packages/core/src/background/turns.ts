/** Milliseconds for which others are taken to be in this process after their last call. */
const hereForMs = 1_000;
/** A turn of the event loop that takes longer than this had others' work in it. */
const calmMs = 2;
/** However busy the process is, a step of background work may be done so often. */
const longestRestMs = 50;
/** Steps of one turn where nobody else is here: connections and signals are still seen to. */
const mostStepsAlone = 16;

const waiting: (() => void)[] = [];
let othersUntil = 0;

/** Others than background work use this process. */
export function othersAreHere(): void {
  othersUntil = performance.now() + hereForMs;
}

/**
 * Waits for the turn of a step of background work. Beside others there is one in a turn of the event loop, and not before
 * that has been left alone for as long as it was just busy: steps that take long, and many that are ready, hold up nobody
 * for more than one of them.
 */
export function backgroundTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) nextTurn();
  });
}

function nextTurn(): void {
  const began = performance.now();
  (globalThis.setImmediate ?? setTimeout)(() => {
    const now = performance.now();
    const busy = now - began;
    if (now >= othersUntil) goOn(mostStepsAlone);
    else if (busy > calmMs) setTimeout(goOn, Math.min(busy, longestRestMs), 1);
    else goOn(1);
  });
}

function goOn(steps: number): void {
  for (const step of waiting.splice(0, steps)) step();
  if (waiting.length > 0) nextTurn();
}
