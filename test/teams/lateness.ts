/** How late this machine is: what it owes to programs that it does not let run in time, it owes to the proxies as well. */
export interface Lateness extends Disposable {
  /** Milliseconds by which timers were late in all, between two instants of `performance.now`. */
  between(from: number, to: number): number;
}

/** Milliseconds between two looks. */
const lookEvery = 20;

export function watchLateness(): Lateness {
  const late: { readonly at: number; readonly by: number }[] = [];
  let due = performance.now() + lookEvery;
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - due > 1) late.push({ at: now, by: now - due });
    due = now + lookEvery;
  }, lookEvery);
  return {
    between: (from, to) =>
      late.filter(({ at, by }) => at >= from && at - by <= to).reduce((sum, { by }) => sum + by, 0),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
