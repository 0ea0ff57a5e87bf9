/** Milliseconds that one run takes: the median of an odd number of runs. */
export async function medianMilliseconds(runs: number, run: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let number = 0; number < runs; number++) {
    const started = performance.now();
    await run();
    durations.push(performance.now() - started);
  }
  return durations.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}
