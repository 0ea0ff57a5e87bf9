import { getHeapStatistics } from "node:v8";

/** The heap of the runtime that this is called on. */
interface Heap {
  /** Bytes that are left when what is young was collected. */
  keptBytes(): Promise<number>;
  /** Collects what is old as well. */
  collectAll(): Promise<void>;
}

/** V8 has to run with `--expose-gc`. */
export async function openHeap(): Promise<Heap> {
  if ("Bun" in globalThis) {
    const { edenGC, fullGC, heapStats } = await import("bun:jsc");
    return {
      async keptBytes() {
        edenGC();
        // What objects hold outside of the heap is counted until a full collection, whether they are still there or not.
        const { heapSize, extraMemorySize } = heapStats();
        return heapSize - extraMemorySize;
      },
      collectAll: async () => void fullGC(),
    };
  }
  return {
    async keptBytes() {
      await globalThis.gc?.({ type: "minor", execution: "async" });
      return getHeapStatistics().used_heap_size;
    },
    collectAll: async () => void (await globalThis.gc?.({ type: "major", execution: "async" })),
  };
}
