import { describe, expect, it } from "vitest";

import { type Ending, runScenario } from "./dispatch/run-scenario.ts";

const blocks = 20;
const scenariosInBlock = 100;
/** Scenarios spend most of their time waiting. */
const atOnce = 10;

describe("a request against simulated servers ends with the oracle's ranking or the expected error", () => {
  it.each(Array.from({ length: blocks }, (_, block) => block * scenariosInBlock))("for the %i scenarios from seed %i", async (first) => {
    const tally = await play(first, scenariosInBlock);
    expect(tally.get("ranked")).toBeGreaterThan(scenariosInBlock / 3);
    expect(tally.size).toBeGreaterThan(2);
  });
});

async function play(first: number, count: number): Promise<Map<Ending, number>> {
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
