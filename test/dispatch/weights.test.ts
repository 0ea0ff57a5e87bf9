import { memoryCache } from "@dheera-ai/cache";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { isScoring } from "../simulator/faults/faults.ts";
import { dheeraOver, manyDocuments, oracleRows, rowsOf, start } from "./over.ts";

const documents = manyDocuments(20);
/** A server needs longer to load its weights than it takes the simulator to be there again. */
const secondsOfStart = 1;
const others = { first: "b".repeat(40), second: "c".repeat(40) };

describe("a server that serves a folder, whose revision it does not know", () => {
  it("never gets an old score from the cache after its weights were swapped, nor after they were swapped back", async () => {
    const simulator = await start({ fromFolder: true, modelSha: others.first });
    const dheera = dheeraOver({ reranker: [simulator] }, {}, { cache: memoryCache() });
    const ask = async (query: string) => rowsOf(await dheera.rerank({ model: "reranker", query, documents }));
    expect(await ask("q")).toEqual(oracleRows("q", documents, others.first));

    const passes = clock();
    await simulator.kill();
    passes(secondsOfStart);
    await simulator.restart({ modelSha: others.second });
    // Computed while the swap was not noticed yet.
    expect(await ask("new")).toEqual(oracleRows("new", documents, others.second));
    expect(await ask("q")).toEqual(oracleRows("q", documents, others.second));

    await simulator.kill();
    passes(secondsOfStart);
    await simulator.restart({ modelSha: others.first });
    expect(await ask("new")).toEqual(oracleRows("new", documents, others.first));
    expect(await ask("q")).toEqual(oracleRows("q", documents, others.first));
  });

  it("still has its scores remembered, also while it is away", async () => {
    const simulator = await start({ fromFolder: true });
    const dheera = dheeraOver({ reranker: [simulator] }, {}, { cache: memoryCache() });
    const first = rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }));
    let texts = 0;
    simulator.follow((call) => {
      if (isScoring(call)) texts += call.texts.length;
      return undefined;
    });
    expect(rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }))).toEqual(first);
    // It was asked for the pair that tells weights apart, at most.
    expect(texts).toBeLessThanOrEqual(1);
    await simulator.kill();
    expect(rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }))).toEqual(first);
  });

  it("is one pool with its replicas", async () => {
    const simulators = [await start({ fromFolder: true }), await start({ fromFolder: true })];
    const dheera = dheeraOver({ reranker: simulators });
    await dheera.rerank({ model: "reranker", query: "q", documents: manyDocuments(200) });
    const [one, other] = dheera.deployments().map(({ profile }) => profile?.fingerprint);
    expect(one).toBe(other);
  });
});

/** Lets time pass on the monotonic clock, without waiting. */
function clock(): (seconds: number) => void {
  const now = performance.now.bind(performance);
  let passed = 0;
  const spy = vi.spyOn(performance, "now").mockImplementation(() => now() + passed * 1_000);
  onTestFinished(() => spy.mockRestore());
  return (seconds) => {
    passed += seconds;
  };
}
