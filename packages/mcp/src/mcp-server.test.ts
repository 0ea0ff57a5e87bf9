import { DheeraError } from "@dheera-ai/core";
import { describe, expect, it } from "vitest";

import type { RankDocuments } from "./options.ts";
import { type Era, serve, textOf } from "./testing/served.ts";

const eras: readonly Era[] = ["legacy", "auto"];
const capital = {
  query: "What is the capital of the United States?",
  documents: ["Carson City is the capital city of Nevada.", "Washington, D.C. is the capital of the United States."],
};

describe.each(eras)("a client that negotiates %s", (era) => {
  it("finds two tools that say when to use them, and are only read", async () => {
    await using served = await serve();
    const client = await served.connect(era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["rerank", "list_models"]);
    expect(tools.map(({ annotations }) => annotations?.readOnlyHint)).toEqual([true, true]);
    expect(tools[0]?.description).toMatch(/Use it when/);
    expect(tools[0]?.inputSchema.properties?.["documents"]).toMatchObject({
      type: "array",
      minItems: 1,
      maxItems: 1_000,
    });
    expect(client.getServerVersion()).toMatchObject({ name: "dheera_ai", version: "1.2.3" });
    expect(client.getInstructions()).toMatch(/rerank/);
    expect(client.getNegotiatedProtocolVersion()).toBe(era === "legacy" ? "2025-11-25" : "2026-07-28");
  });

  it("gets a ranking that fits the schema, and lines that a model reads", async () => {
    await using served = await serve();
    const client = await served.connect(era);
    // Its client checks structured output against the schema that it was told.
    await client.listTools();
    const result = await client.callTool({ name: "rerank", arguments: { ...capital, return_documents: true } });
    expect(result.structuredContent).toMatchObject({
      model: "bm25/default",
      documents: 2,
      results: [{ index: 1, document: capital.documents[1] }, { index: 0 }],
    });
    const lines = textOf(result).split("\n");
    expect(lines[0]).toBe("The best 2 of 2 documents by bm25/default, as rank. [index] score text:");
    expect(lines[1]).toMatch(/^1\. \[1\] [\d.]+ Washington, D\.C\. is the capital of the United States\.$/);
    expect(served.calls).toMatchObject([{ tool: "rerank", outcome: "ok", documents: 2 }]);
  });

  it("cancels the ranking itself when it gives a call up", async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    await using served = await serve({ dheera: { rerank: untilAborted(asked.resolve) } });
    const client = await served.connect(era);
    const giveUp = new AbortController();
    const call = client.callTool({ name: "rerank", arguments: capital }, { signal: giveUp.signal });
    const outcome = expect(call).rejects.toThrow();
    const signal = await asked.promise;
    expect(served.server.callsInFlight()).toBe(1);
    giveUp.abort();
    await outcome;
    await expect.poll(() => signal.aborted).toBe(true);
    await expect.poll(() => served.server.callsInFlight()).toBe(0);
    expect(served.calls).toMatchObject([{ outcome: "cancelled" }]);
  });

  it("hears how far a ranking is, where it asks", async () => {
    const rest = Promise.withResolvers<void>();
    const half: RankDocuments = async (request, { report }) => {
      report.scored = 40;
      await rest.promise;
      return { id: "1", model: request.model, results: [], meta };
    };
    await using served = await serve({ dheera: { rerank: half } });
    const client = await served.connect(era);
    const told = Promise.withResolvers<unknown>();
    const call = client.callTool(
      { name: "rerank", arguments: { query: "q", documents: Array.from({ length: 80 }, String) } },
      { onprogress: told.resolve },
    );
    expect(await told.promise).toMatchObject({ progress: 40, total: 80, message: "40 of 80 documents are scored" });
    rest.resolve();
    expect(textOf(await call)).toMatch(/No document reaches min_score/);
  });
});

it("ranks 1,000 documents of one call and returns the best ten of them", async () => {
  await using served = await serve();
  const client = await served.connect();
  const documents = Array.from({ length: 1_000 }, (_, at) => `document number${at} of a long list`);
  const result = await client.callTool({ name: "rerank", arguments: { query: "number777", documents } });
  expect(result.structuredContent).toMatchObject({ documents: 1_000 });
  expect(textOf(result)).toMatch(/\n1\. \[777\] /);
  expect(textOf(result).split("\n")).toHaveLength(11);
});

it("shows the fields of records that count, and cuts what is long, never within a character", async () => {
  await using served = await serve();
  const client = await served.connect();
  const long = `title ${"🙂".repeat(5_000)}`;
  const documents = [
    { title: "title of the first", body: "hidden" },
    { title: long, body: "hidden" },
  ];
  const call = { query: "title", documents, rank_fields: ["title"], return_documents: true };
  const result = await client.callTool({ name: "rerank", arguments: call });
  const text = textOf(result);
  expect(text).toContain("title of the first");
  expect(text).not.toContain("hidden");
  expect(text.isWellFormed()).toBe(true);
  expect(text.length).toBeLessThan(1_000);
  expect(JSON.stringify(result.structuredContent).length).toBeLessThan(3_000);
});

describe("a call with wrong arguments", () => {
  it.each([
    [{}, "query: is missing"],
    [{ query: "q" }, "documents: is missing"],
    [{ query: " ", documents: ["a"] }, "query: must not be empty"],
    [{ query: 7, documents: ["a"] }, "query: must be a text"],
    [{ query: "q", documents: [] }, "documents: must have at least one document"],
    [{ query: "q", documents: "a" }, "documents: must be a list of texts"],
    [{ query: "q", documents: ["a", 7] }, "documents: must hold texts and objects only"],
    [{ query: "q", documents: [["a"]] }, "documents: must hold texts and objects only"],
    [{ query: "q", documents: ["a"], top_n: 0 }, "top_n: must be at least 1"],
    [{ query: "q", documents: ["a"], top_n: 1.5 }, "top_n: must be a whole number"],
    [{ query: "q", documents: ["a"], min_score: "high" }, "min_score: must be a number"],
    [{ query: "q", documents: ["a"], rank_fields: [] }, "rank_fields: must name a field"],
    [{ query: "q", documents: ["a"], topk: 3 }, "topk: is not an argument of rerank"],
    [{ query: "q", documents: ["a"], model: "" }, "model: must not be empty"],
    [{ query: "q", documents: [{}] }, "documents[0]: has no field that could be scored"],
    [{ query: "q", documents: ["a"], model: "none" }, "Call list_models for the names"],
  ])("%j hears: %s", async (given, expected) => {
    await using served = await serve();
    const client = await served.connect();
    const result = await client.callTool({ name: "rerank", arguments: given });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain(expected);
  });

  it("is counted", async () => {
    await using served = await serve();
    const client = await served.connect();
    await client.callTool({ name: "rerank", arguments: { query: "q", documents: ["a", 7] } });
    await client.callTool({ name: "list_models", arguments: { all: true } });
    expect(served.calls).toEqual([
      { tool: "rerank", outcome: "invalid_request", milliseconds: 0, documents: 0 },
      { tool: "list_models", outcome: "invalid_request", milliseconds: 0, documents: 0 },
    ]);
  });

  it("never hears its own texts again", async () => {
    await using served = await serve();
    const client = await served.connect();
    const calls = [
      { query: ["secret words"], documents: ["a"] },
      { query: "q", documents: "secret words" },
      { query: "q", documents: ["secret words", 7] },
      { query: "q", documents: [{ secret: null }], rank_fields: ["words"] },
    ];
    for (const given of calls) {
      const result = await client.callTool({ name: "rerank", arguments: given });
      expect(result.isError).toBe(true);
      expect(textOf(result)).not.toMatch(/secret words/);
    }
  });
});

describe("before anything is paid, a call is refused", () => {
  const never: RankDocuments = () => Promise.reject(new Error("was asked"));

  it("with more documents than may be", async () => {
    await using served = await serve({ dheera: { rerank: never }, limits: { documents: 3 } });
    const client = await served.connect();
    const result = await client.callTool({
      name: "rerank",
      arguments: { query: "q", documents: ["a", "b", "c", "d"] },
    });
    expect(textOf(result)).toContain("documents: must have at most 3 documents; rank parts");
  });

  it.each([
    ["texts", ["x".repeat(60), "y".repeat(60)]],
    ["records", [{ text: "x".repeat(60) }, { body: "y".repeat(60) }]],
  ])("with more characters than may be, in %s", async (_, documents) => {
    await using served = await serve({ dheera: { rerank: never }, limits: { characters: 100 } });
    const client = await served.connect();
    const result = await client.callTool({ name: "rerank", arguments: { query: "q", documents } });
    expect(textOf(result)).toMatch(/^request_too_large: documents: query and documents have more than 100 characters/);
    expect(served.calls).toMatchObject([{ outcome: "request_too_large" }]);
  });

  it("while as many run as may, of all clients together", async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    await using served = await serve({
      dheera: { rerank: untilAborted(asked.resolve) },
      limits: { parallelCalls: 1 },
    });
    const [one, other] = await Promise.all([served.connect("auto"), served.connect("legacy")]);
    const giveUp = new AbortController();
    const first = expect(
      one.callTool({ name: "rerank", arguments: capital }, { signal: giveUp.signal }),
    ).rejects.toThrow();
    await asked.promise;
    expect(textOf(await other.callTool({ name: "rerank", arguments: capital }))).toMatch(
      /^rate_limited: 1 rankings run/,
    );
    giveUp.abort();
    await first;
  });
});

it("says what can be done about a failure, and nothing of what is behind it", async () => {
  const failures: readonly [unknown, RegExp][] = [
    [
      new DheeraError("provider_rate_limited", "the server refuses for now", { retryAfter: 12.5 }),
      /^provider_rate_limited: the server refuses for now\nTry again in 13 seconds/,
    ],
    [new DheeraError("provider_auth", "the key was refused"), /tell the user/],
    [new Error("secret stack"), /^internal: the ranking failed/],
  ];
  for (const [failure, expected] of failures) {
    await using served = await serve({ dheera: { rerank: () => Promise.reject(failure) } });
    const client = await served.connect();
    const result = await client.callTool({ name: "rerank", arguments: capital });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(expected);
    expect(JSON.stringify(result)).not.toMatch(/secret|at .*\.ts/);
  }
});

it("lists models with what is known of them, and the default", async () => {
  const models = [
    { name: "good", description: "reads every language", context: 8_192, price: { per_search: 0.002 } },
    { name: "bm25/default" },
  ];
  await using served = await serve({ models: async () => models });
  const client = await served.connect();
  await client.listTools();
  const result = await client.callTool({ name: "list_models", arguments: {} });
  expect(result.structuredContent).toEqual({
    models: [
      { ...models[0], is_default: false },
      { name: "bm25/default", is_default: true },
    ],
  });
  expect(textOf(result)).toBe(
    "- good: reads every language; reads 8192 tokens; $0.002 a search\n- bm25/default (default)",
  );
});

it("gives up listing models with the call, and when it takes longer than a call may", async () => {
  const asked: AbortSignal[] = [];
  const models = (signal: AbortSignal): Promise<never> => {
    asked.push(signal);
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  await using patient = await serve({ models });
  const giveUp = new AbortController();
  const outcome = expect(
    (await patient.connect()).callTool({ name: "list_models", arguments: {} }, { signal: giveUp.signal }),
  ).rejects.toThrow();
  await expect.poll(() => asked).toHaveLength(1);
  giveUp.abort();
  await outcome;
  await expect.poll(() => asked[0]?.aborted).toBe(true);

  await using hasty = await serve({ models, limits: { seconds: 1 } });
  const late = await (await hasty.connect()).callTool({ name: "list_models", arguments: {} });
  expect(textOf(late)).toMatch(/^timeout: the models were not listed in 1 seconds/);
  expect(hasty.calls).toMatchObject([{ tool: "list_models", outcome: "timeout" }]);
});

it("ranks records with more fields than anybody counts", async () => {
  await using served = await serve({ limits: { documents: 1 } });
  const client = await served.connect();
  const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`field${at}`, "a cat"]));
  const result = await client.callTool({ name: "rerank", arguments: { query: "cat", documents: [fields] } });
  expect(result.structuredContent).toMatchObject({ results: [{ index: 0 }] });
});

it.each([0, Number.NaN, 2_147_484, Infinity])(
  "takes no seconds that a timer does not wait for: %s",
  async (seconds) => {
    await expect(serve({ limits: { seconds } })).rejects.toThrow("limits.seconds must be a number from 1 to 2000000");
    await expect(serve({}, { sessionSeconds: seconds })).rejects.toThrow("sessionSeconds must be a number from 1 to");
  },
);

it("wants a model of each call where there is no default", async () => {
  await using served = await serve({ defaultModel: undefined });
  const client = await served.connect();
  expect(textOf(await client.callTool({ name: "rerank", arguments: capital }))).toContain("model: is missing");
});

const meta = { api_version: { version: "2", is_experimental: false }, billed_units: {} } as const;

/** Ranks nothing, and ends when it is cancelled. */
function untilAborted(asked: (signal: AbortSignal) => void): RankDocuments {
  return (_, { signal }) => {
    asked(signal);
    return new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(new DheeraError("cancelled", "the caller gave up"))),
    );
  };
}
