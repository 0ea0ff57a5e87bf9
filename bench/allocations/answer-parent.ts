import { Session } from "node:inspector/promises";
import { getHeapStatistics } from "node:v8";

/** What the parent asks of a watched process. */
export type Question =
  | { readonly what: "allocated" | "kept" | "collect" | "start sampling" | "stop sampling" }
  | { readonly what: "rank"; readonly requests: number };

/** Bytes between two samples, on average. */
const samplingInterval = 4_096;

/** Greets the parent and answers its questions, until the parent has gone. @param rank where requests come from here */
export function answerParent(greeting: string, rank?: (requests: number) => Promise<void>): void {
  const session = new Session();
  const answer = async (question: Question): Promise<unknown> => {
    switch (question.what) {
      case "allocated":
        return getHeapStatistics().total_allocated_bytes;
      case "kept":
        await globalThis.gc?.({ type: "minor", execution: "async" });
        return getHeapStatistics().used_heap_size;
      case "collect":
        await globalThis.gc?.({ type: "major", execution: "async" });
        return "done";
      case "rank":
        return (await rank?.(question.requests)) ?? "done";
      case "start sampling":
        session.connect();
        await session.post("HeapProfiler.startSampling", {
          samplingInterval,
          includeObjectsCollectedByMajorGC: true,
          includeObjectsCollectedByMinorGC: true,
        });
        return "done";
      case "stop sampling": {
        const { profile } = await session.post("HeapProfiler.stopSampling");
        session.disconnect();
        return profile.head;
      }
    }
  };
  process.on("message", (question: Question) => void answer(question).then((told) => process.send?.(told)));
  process.on("disconnect", () => process.exit());
  process.send?.(greeting);
}
