/** Microseconds of one call in the best of many rounds: what else the machine does only ever adds. */
export function bestOf(rounds: number, callsOfARound: number, call: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    for (let done = 0; done < callsOfARound; done++) call();
    return ((performance.now() - start) * 1000) / callsOfARound;
  });
  return Math.min(...times);
}
