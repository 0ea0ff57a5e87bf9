import { readFile } from "node:fs/promises";

import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { pageOf, sentenceOf, withSentence } from "./page.ts";
import { type Measured, type Result, type Round, resultSchema } from "./result.ts";

const round: Round = { requestsPerSecond: 1000, p50: 1, p99: 2, cpu: 100, megabytes: 90, failures: 0, wrong: 0 };

function server(name: string, workers: number, rates: readonly number[], other: Partial<Round> = {}): Measured {
  return {
    name,
    version: "1.2.3",
    workers,
    millisecondsToStart: 1234,
    rounds: rates.map((requestsPerSecond) => ({ ...round, requestsPerSecond, ...other })),
  };
}

const result: Result = {
  date: "2026-01-02",
  commit: "abcdef0",
  machine: "2 cores of a processor",
  runtimes: "Node.js 26.0.0, Bun 1.4.0",
  connections: 32,
  seconds: 2,
  looks: 16,
  load: 0.25,
  minutes: 12.3,
  installed: [{ name: "B", version: "1.2.3", registry: "PyPI", requirement: "b==1.2.3", seconds: 61, megabytes: 700 }],
  shapes: [
    {
      name: "4 × 80 B",
      servers: [
        { name: "the upstream itself", version: "", workers: 0, rounds: [{ ...round, requestsPerSecond: 20_000 }] },
        server("Dheera AI on Node.js", 1, [1000, 2000, 3000]),
        server("LiteLLM's proxy", 1, [100, 100, 100], { failures: 2, wrong: 1 }),
        server("vLLM's router", 1, [2000, 2000, 2000]),
        server("Dheera AI on Node.js", 2, [4000, 4000, 4000]),
        server("LiteLLM's proxy", 2, [200, 200, 200]),
      ],
    },
    {
      name: "100 × 1 kB",
      servers: [
        server("Dheera AI on Node.js", 1, [500]),
        { ...server("LiteLLM's proxy", 1, [50]), remark: "gives all 100 in place of 10" },
        server("vLLM's router", 1, [1000]),
      ],
    },
  ],
  leftOut: [{ name: "C", version: "3.2.1", shape: "4 × 80 B", reason: "it does not rank: status 500" }],
};

/** The same seven times. */
const long: Result = {
  ...result,
  shapes: result.shapes.map(({ name, servers }) => ({
    name,
    servers: servers.map((each) => ({ ...each, rounds: Array.from({ length: 7 }, () => each.rounds).flat() })),
  })),
};

describe("the page of peers", () => {
  const page = pageOf(result);
  const rowOf = (start: string): string | undefined => page.split("\n").find((line) => line.startsWith(start));

  it("has medians with quartiles, and ratios that are computed within rounds, to ours with as many workers", () => {
    expect(rowOf("| Dheera AI on Node.js 1.2.3 | 1 ")).toBe(
      "| Dheera AI on Node.js 1.2.3 | 1 | 2,000 (1,500–2,500) | 1 | 1.0 | 2.0 | 100 | 90 | 1.2 | 0 |",
    );
    // 100 of 1,000, of 2,000 and of 3,000.
    expect(rowOf("| LiteLLM's proxy 1.2.3 | 1 ")).toContain("| 100 (100–100) | 0.05 (0.042–0.075) |");
    expect(rowOf("| LiteLLM's proxy 1.2.3 | 2 ")).toContain("| 200 (200–200) | 0.05 (0.05–0.05) |");
  });

  it("says what callers must do themselves with the answers of a server", () => {
    expect(rowOf("| LiteLLM's proxy 1.2.3: gives all 100 in place of 10 | 1 | 50 ")).toBeDefined();
  });

  it("says of a run of fewer than seven rounds that its figures say little", () => {
    expect(page).toContain("**This was a short run**");
    expect(pageOf(long)).not.toContain("short run");
  });

  it("counts failed requests and wrong answers of all rounds", () => {
    expect(rowOf("| LiteLLM's proxy 1.2.3 | 1 ")).toMatch(/\| 9 \|$/);
  });

  it("says what was run, where, and what was not to be had", () => {
    expect(page).toContain(
      "2026-01-02, commit abcdef0, 2 cores of a processor, Node.js 26.0.0, Bun 1.4.0, 1 round of 2 s",
    );
    expect(page).toContain("the machine's load before it was 0.3");
    expect(page).toContain("| B 1.2.3 | `b==1.2.3` | PyPI | 700 | 61 |");
    expect(page).toContain("* C 3.2.1, 4 × 80 B: it does not rank: status 500.");
  });

  it("is the one in docs, made of the run that is saved", async () => {
    const saved = await savedResult();
    expect(await readFile(new URL("../../docs/peers.md", import.meta.url), "utf8")).toBe(pageOf(saved));
  });
});

describe("the sentence of README.md", () => {
  it("gives the range of the medians over the shapes, where we are ahead and where we are not", () => {
    expect(sentenceOf(long)).toContain("ranks 10 to 20 times as many requests a second as LiteLLM's");
    expect(sentenceOf(long)).toContain("and 0.5 to 1 times as many as vLLM's router");
  });

  it("has no figures of a short run", () => {
    expect(sentenceOf(result)).not.toMatch(/\d/);
  });

  it("stands between its marks, and nothing else changes", () => {
    expect(withSentence("a <!-- peers -->old<!-- /peers --> b", "new")).toBe("a <!-- peers -->new<!-- /peers --> b");
    expect(() => withSentence("no marks", "new")).toThrow("README.md lacks");
  });

  it("is the one of the run that is saved", async () => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    expect(withSentence(readme, sentenceOf(await savedResult()))).toBe(readme);
  });
});

async function savedResult(): Promise<Result> {
  return v.parse(resultSchema, JSON.parse(await readFile(new URL("last-run.json", import.meta.url), "utf8")));
}
