/** A binary heap that gives the lightest first; of equals, the one that was put in first as far as it can. */
export class MinHeap<T extends { readonly weight: number }> {
  readonly #heap: T[];

  /** All of them must weigh the same at first. */
  constructor(items: readonly T[]) {
    this.#heap = [...items];
  }

  put(item: T): void {
    const heap = this.#heap;
    let position = heap.push(item) - 1;
    for (;;) {
      const parent = (position - 1) >> 1;
      const above = heap[parent];
      if (position === 0 || !above || above.weight <= item.weight) break;
      heap[position] = above;
      position = parent;
    }
    heap[position] = item;
  }

  take(): T | undefined {
    const heap = this.#heap;
    const [lightest] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return lightest;
    let position = 0;
    for (;;) {
      const child = this.#lighterChild(position);
      const below = child === undefined ? undefined : heap[child];
      if (child === undefined || !below || below.weight >= last.weight) break;
      heap[position] = below;
      position = child;
    }
    heap[position] = last;
    return lightest;
  }

  #lighterChild(position: number): number | undefined {
    const left = this.#heap[2 * position + 1];
    const right = this.#heap[2 * position + 2];
    if (!left) return undefined;
    return right && right.weight < left.weight ? 2 * position + 2 : 2 * position + 1;
  }
}
