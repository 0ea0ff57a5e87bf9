import { describe, expect, it } from "vitest";

import { type Script, isScoring } from "../simulator/faults/faults.ts";
import { dheeraOver, manyDocuments, start } from "./over.ts";

const leastRequests = 600;
/** One call in a hundred is very late. */
const stragglers: Script = (call) =>
  isScoring(call) && call.number % 100 === 99 ? { kind: "slow", milliseconds: 2_000 } : undefined;

describe("hedging", () => {
  it("asks another replica when one is late, with at most 5 % extra calls, and cancels the loser", async () => {
    const simulators = [await start({ script: stragglers }), await start({ script: stragglers })];
    const dheera = dheeraOver({ reranker: simulators }, { hedge: true });
    const sum = (name: "calls" | "abortedCalls" | "faults") =>
      simulators.reduce((total, { stats }) => total + stats[name], 0);
    let requests = 0;
    // Not every straggler is hedged: calls that are merely slower than most, many on a busy machine, use up the 5 % as
    // well.
    while (requests < leastRequests || sum("abortedCalls") < 2) {
      await dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(4) });
      requests += 1;
    }
    await Promise.all(simulators.map(({ stats }) => stats.idle()));
    // A copy is a call itself, and each replica rounds its share up.
    expect(sum("calls") - requests).toBeLessThanOrEqual(0.05 * sum("calls") + simulators.length);
    expect(sum("faults")).toBeGreaterThan(3);
  }, 120_000);

  it("is off unless asked for", async () => {
    const simulators = [await start(), await start()];
    const dheera = dheeraOver({ reranker: simulators });
    for (let request = 0; request < leastRequests; request++)
      await dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(4) });
    expect(simulators.reduce((total, { stats }) => total + stats.calls, 0)).toBe(leastRequests);
  });
});
