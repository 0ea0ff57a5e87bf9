/**
 * Of these documents those with the highest scores, best first, equal ones in the order of their numbers. Takes time by the
 * documents and memory by `most`: what is found so far is a heap with the worst on top.
 */
export function bestOf(documents: Iterable<number>, scores: Float64Array, most: number): readonly number[] {
  const isWorse = (one: number, other: number): boolean => {
    const difference = (scores[one] ?? 0) - (scores[other] ?? 0);
    return difference < 0 || (difference === 0 && one > other);
  };
  const heap: number[] = [];
  for (const document of documents) {
    if (heap.length < most) {
      heap.push(document);
      rise(heap, isWorse);
    } else if (most > 0 && isWorse(heap[0] ?? 0, document)) {
      heap[0] = document;
      sink(heap, isWorse);
    }
  }
  return heap.sort((one, other) => (isWorse(one, other) ? 1 : -1));
}

type IsWorse = (one: number, other: number) => boolean;

/** Moves the last one up to where nothing above it is better. */
function rise(heap: number[], isWorse: IsWorse): void {
  let place = heap.length - 1;
  const moved = heap[place] ?? 0;
  while (place > 0) {
    const parent = (place - 1) >>> 1;
    const above = heap[parent] ?? 0;
    if (!isWorse(moved, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = moved;
}

/** Moves the first one down to where nothing below it is worse. */
function sink(heap: number[], isWorse: IsWorse): void {
  let place = 0;
  const moved = heap[0] ?? 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isWorse(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
    const below = heap[child] ?? 0;
    if (!isWorse(below, moved)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = moved;
}
