import type { Profile, Scorer } from "@dheera-ai/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseConfig } from "../config/parse-config.ts";
import { shareConfig, shareOf, shareProvider } from "./share-limits.ts";

describe("shareOf", () => {
  it("gives parts that add up to the whole and differ by one at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 10_000 }), (count, more) => {
        const limit = count + more;
        const parts = Array.from({ length: count }, (_, index) => shareOf(limit, { index, count }));
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(limit);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("leaves at least one to each", () => {
    expect([0, 1, 2].map((index) => shareOf(2, { index, count: 3 }))).toEqual([1, 1, 1]);
  });
});

describe("shareConfig", () => {
  it("divides what each process counts by itself, and leaves the rest", () => {
    const { config } = parseConfig(
      `
model_list:
  - model_name: a
    dheera_ai_params: { model: bm25/default, rpm: 100, max_parallel_requests: 10, max_documents_in_flight: 512, timeout: 9 }
general_settings:
  global_max_parallel_requests: 8
  rpm: 1000
  keys: [{ name: k, key: os.environ/K, rpm: 60, max_parallel_requests: 4 }]
`,
      { file: "config.yaml", environment: { K: "k" } },
    );
    const part = shareConfig(config, { index: 1, count: 4 });
    expect(shareConfig(config, { index: 1, count: 4 }, true).model_list[0]?.dheera_ai_params).toMatchObject({
      rpm: 100,
      max_parallel_requests: 2 + 1,
    });
    expect(part.model_list[0]?.dheera_ai_params).toEqual({
      model: "bm25/default",
      rpm: 25,
      max_parallel_requests: 2 + 1,
      max_documents_in_flight: 128,
      timeout: 9,
    });
    expect(part.general_settings).toMatchObject({ global_max_parallel_requests: 2, rpm: 1000 });
    expect(part.general_settings.keys[0]).toMatchObject({ rpm: 60, max_parallel_requests: 1 });
    expect(part.general_settings).not.toHaveProperty("max_parallel_requests");
  });
});

describe("shareProvider", () => {
  const whole: Profile = {
    scoring: "pointwise",
    scoreKind: "logit",
    billing: "compute",
    fingerprint: "x",
    limits: { documentsInFlight: 512, documentsPerCall: 32 },
  };
  const share = { index: 0, count: 2 };
  const target = { model: "m", options: {}, http: undefined as never };

  it("divides what a server works on at one time, and gives the same profile for the same profile", async () => {
    for (const profile of [() => whole, async () => whole]) {
      const shared = shareProvider(
        { name: "p", connect: () => ({ profile, score: async () => ({ scores: [] }) }) },
        share,
      ).connect(target);
      const signal = new AbortController().signal;
      const first = await shared.profile(signal);
      expect(first).toEqual({ ...whole, limits: { documentsInFlight: 256, documentsPerCall: 32 } });
      expect(await shared.profile(signal)).toBe(first);
    }
  });

  it("leaves a provider's own `this` alone", async () => {
    class Counting implements Scorer {
      #calls = 0;
      profile(): Profile {
        return whole;
      }
      async score(): Promise<{ readonly scores: readonly []; readonly usage: { readonly inputTokens: number } }> {
        this.#calls++;
        return { scores: [], usage: { inputTokens: this.#calls } };
      }
    }
    const shared = shareProvider({ name: "p", connect: () => new Counting() }, share).connect(target);
    const call = {
      query: "q",
      documents: ["a"],
      params: {},
      providerOptions: {},
      signal: new AbortController().signal,
    };
    expect(await shared.score(call)).toMatchObject({ usage: { inputTokens: 1 } });
    expect(shared.wake).toBeUndefined();
  });
});
