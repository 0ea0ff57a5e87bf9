import { describe, expect, it } from "vitest";

import { type Ending, runScenario } from "./run-scenario.ts";

const scenariosInBlock = 100;
const blocks = Array.from({ length: 20 }, (_, block) => block * scenariosInBlock);
/** Scenarios spend most of their time waiting. */
const atOnce = 10;

describe("a request against simulated servers ends with the oracle's ranking or the expected error", () => {
  it.each(blocks)("in the hundred scenarios from seed %i", { timeout: 120_000 }, async (first) => {
    const tally = await play(first, scenariosInBlock);
    expect(tally.get("ranked")).toBeGreaterThan(scenariosInBlock / 3);
    expect(tally.size).toBeGreaterThan(2);
  });
});

/** How often the scenarios ended in each way. Rejects with the first that ended as it may not. */
async function play(first: number, count: number): Promise<ReadonlyMap<Ending, number>> {
  const tally = new Map<Ending, number>();
  const seeds = Array.from({ length: count }, (_, offset) => first + offset).values();
  const worker = async (): Promise<void> => {
    for (const seed of seeds) {
      const ending = await runScenario(seed);
      tally.set(ending, (tally.get(ending) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return tally;
}
