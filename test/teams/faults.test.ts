import { expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { faultNames } from "./faults.ts";
import { runFaultRun } from "./run.ts";

/** Milliseconds against hanging: each fault once takes a minute and a half on a machine that has nothing else to do. */
const wholeRun = 600_000;

it(
  "four proxies book every answer once, hold budgets and let nobody past a block, whatever dies meanwhile",
  { ...needs("postgresql", "redis-server"), timeout: wholeRun },
  async () => {
    const { problems, figures } = await runFaultRun({ seconds: 20, seed: 1 });
    console.log(figures);
    expect(problems).toEqual([]);
    // It was about something.
    expect(figures["budgets spent"]).not.toMatch(/^0/);
    expect(figures["403 forbidden"]).toBeGreaterThan(0);
    expect(Object.keys(figures)).toEqual(expect.arrayContaining([...faultNames]));
  },
);
