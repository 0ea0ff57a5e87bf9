import { describe, expect, it } from "vitest";

import { type Script, isScoring } from "../simulator/faults.ts";
import { dheeraOver, manyDocuments, start } from "./over.ts";

const requests = 600;
/** One call in a hundred is very late. */
const stragglers: Script = (call) =>
  isScoring(call) && call.number % 100 === 99 ? { kind: "slow", milliseconds: 2_000 } : undefined;

describe("hedging", () => {
  it("asks another replica when one is late, with at most 5 % extra calls, and cancels the loser", async () => {
    const simulators = [await start({ script: stragglers }), await start({ script: stragglers })];
    const dheera = dheeraOver({ reranker: simulators }, { hedge: true });
    await oneByOne(() => dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(4) }));
    const sum = (name: "calls" | "abortedCalls" | "faults") =>
      simulators.reduce((total, { stats }) => total + stats[name], 0);
    await Promise.all(simulators.map(({ stats }) => stats.idle()));
    expect(sum("calls")).toBeLessThanOrEqual(requests * 1.05);
    expect(sum("faults")).toBeGreaterThan(3);
    // Not every straggler: calls that are merely slower than most use up the 5 % as well.
    expect(sum("abortedCalls")).toBeGreaterThan(1);
  });

  it("is off unless asked for", async () => {
    const simulators = [await start(), await start()];
    const dheera = dheeraOver({ reranker: simulators });
    await oneByOne(() => dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(4) }));
    expect(simulators.reduce((total, { stats }) => total + stats.calls, 0)).toBe(requests);
  });
});

async function oneByOne(request: () => Promise<unknown>): Promise<void> {
  for (let number = 0; number < requests; number++) await request();
}
