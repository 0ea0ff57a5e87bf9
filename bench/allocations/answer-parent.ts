import { Session } from "node:inspector/promises";
import { getHeapStatistics } from "node:v8";

import { openHeap } from "./heap.ts";

/** What the parent asks of a watched process. */
export type Question =
  | { readonly what: "allocated" | "kept" | "collect" | "start sampling" | "stop sampling" }
  | { readonly what: "rank"; readonly requests: number };

/** Bytes between two samples, on average. */
const samplingInterval = 4_096;

/** Greets the parent and answers its questions, until the parent has gone. @param rank where requests come from here */
export function answerParent(greeting: string, rank?: (requests: number) => Promise<void>): void {
  const session = new Session();
  const heap = openHeap();
  const answer = async (question: Question): Promise<unknown> => {
    switch (question.what) {
      case "allocated":
        return getHeapStatistics().total_allocated_bytes;
      case "kept":
        return (await heap).keptBytes();
      case "collect":
        await (await heap).collectAll();
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
