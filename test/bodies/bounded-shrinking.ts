/** Milliseconds for which a counterexample is made smaller: each try costs as much as what was found. */
const longest = 20_000;

/** Lets a property pass once it has failed for that long, so that what was found by then is told. */
export function boundedShrinking<T>(examine: (value: T) => Promise<void>): (value: T) => Promise<void> {
  let end = Infinity;
  return async (value) => {
    if (performance.now() > end) return;
    try {
      await examine(value);
    } catch (error) {
      end = Math.min(end, performance.now() + longest);
      throw error;
    }
  };
}
