import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { describe, expect, it, onTestFinished } from "vitest";

import { eventually } from "../support/eventually.ts";
import { garbages, onNumbers, randomly } from "./faults/faults.ts";
import type { SimulatorOptions } from "./options.ts";
import { oracleCosine, oracleLogit, oracleRanking, oracleScore } from "./oracle.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

describe("POST /rerank", () => {
  it("answers a bare array, best first, ties in descending order of index, with what it cost in the headers", async () => {
    const simulator = await start();
    const texts = ["twin", "other", "twin", "third"];
    const response = await post(simulator, "/rerank", { query: "q", texts });
    const ranks: { index: number; score: number }[] = await response.json();
    expect(ranks.map((rank) => rank.index)).toEqual(
      oracleRanking("q", texts)
        .sort((a, b) => b.score - a.score || b.index - a.index)
        .map((rank) => rank.index),
    );
    expect(ranks.findIndex((rank) => rank.index === 2)).toBeLessThan(ranks.findIndex((rank) => rank.index === 0));
    expect(Object.keys(ranks[0] ?? {})).toEqual(["index", "score"]);
    // Each pair: one token of query, text by four characters, three special tokens.
    expect(response.headers.get("x-compute-tokens")).toBe(String(4 * 4 + 1 + 2 + 1 + 2));
    expect(response.headers.get("x-compute-characters")).toBe(String(4 + 4 + 5 + 4 + 5));
    expect(response.headers.get("x-compute-type")).toBe("gpu+optimized");
  });

  it("gives logits with raw_scores and the texts with return_text", async () => {
    const simulator = await start();
    const response = await post(simulator, "/rerank", {
      query: "q",
      texts: ["a"],
      raw_scores: true,
      return_text: true,
      top_n: 0,
      model: "ignored",
    });
    expect(await response.json()).toEqual([{ index: 0, score: oracleLogit("q", "a"), text: "a" }]);
  });

  it.each([
    {
      body: { query: "", texts: [] },
      status: 400,
      error: "`texts` cannot be empty",
      type: "Empty",
    },
    {
      body: { query: "", texts: ["a", ""] },
      status: 400,
      error: "Input validation error: `inputs` cannot be empty",
      type: "Empty",
    },
    {
      body: { query: "q", texts: ["a", "b", "c", "d"] },
      status: 422,
      error: "batch size 4 > maximum allowed batch size 3",
      type: "Validation",
    },
    {
      body: { query: "q", texts: ["a", "b".repeat(400)], truncate: false },
      status: 422,
      error: "Input validation error: `inputs` must have less than 32 tokens. Given: 104",
      type: "Validation",
    },
    {
      body: { query: "q", texts: ["b".repeat(8001)] },
      status: 422,
      error: "Input validation error: `inputs` must have less than 8000 characters",
      type: "Validation",
    },
    {
      body: { query: "q", texts: ["bad tokens"] },
      status: 422,
      error: "Tokenization error",
      type: "Tokenizer",
    },
    {
      body: { query: "q", texts: ["not a number", "b"] },
      status: 424,
      error: "score is NaN",
      type: "Backend",
    },
  ])("refuses with $status: $error", async ({ body, status, error, type }) => {
    const simulator = await start({
      maxClientBatchSize: 3,
      maxInputLength: 32,
      illness: (text) => (text === "bad tokens" ? "tokenizer" : text === "not a number" ? "nan" : undefined),
    });
    const response = await post(simulator, "/rerank", body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error, error_type: type });
    expect(simulator.stats.permitsInUse).toBe(0);
  });

  it("says 413 instead of 422 for validation errors before 1.9.0", async () => {
    const simulator = await start({ version: "1.8.3", maxClientBatchSize: 1 });
    expect((await post(simulator, "/rerank", { query: "q", texts: ["a", "b"] })).status).toBe(413);
  });

  it("cuts long texts when it may", async () => {
    const simulator = await start({ maxInputLength: 32 });
    const response = await post(simulator, "/rerank", {
      query: "q",
      texts: ["b".repeat(400)],
      truncate: true,
    });
    expect(response.headers.get("x-compute-tokens")).toBe("32");
  });

  it.each([
    {
      name: "no content type",
      init: { headers: {}, body: Buffer.from("{}") },
      status: 415,
      text: "Expected request with `Content-Type: application/json`",
    },
    {
      name: "no JSON",
      init: { body: "{" },
      status: 400,
      text: "Failed to parse the request body as JSON",
    },
    {
      name: "a wrong shape",
      init: { body: '{"query":"q","documents":[]}' },
      status: 422,
      text: "Failed to deserialize the JSON body into the target type",
    },
    {
      name: "a null that only truncate may be",
      init: { body: '{"query":"q","texts":["a"],"raw_scores":null}' },
      status: 422,
      text: "Failed to deserialize",
    },
    {
      name: "too many bytes",
      init: { body: `{"query":"${"q".repeat(300)}","texts":["a"]}` },
      status: 413,
      text: "length limit exceeded",
    },
  ])("refuses $name in plain text, as the framework does", async ({ init, status, text }) => {
    const simulator = await start({ payloadLimit: 200 });
    const response = await fetch(`${simulator.url}/rerank`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      ...init,
    });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch("text/plain");
    expect(await response.text()).toContain(text);
  });

  it("takes one permit for each text, and refuses the whole call when they run out", async () => {
    const simulator = await start({
      maxConcurrentRequests: 40,
      maxClientBatchSize: 100,
      // The first call works for as long as the second needs to arrive, on a busy machine too.
      millisecondsPerBatch: 1_000,
    });
    const texts = Array.from({ length: 30 }, (_, position) => `text ${position}`);
    const first = post(simulator, "/rerank", { query: "q", texts });
    await eventually(() => simulator.stats.permitsInUse).toBe(30);
    const responses = await Promise.all([first, post(simulator, "/rerank", { query: "q", texts })]);
    expect(responses.map((response) => response.status)).toEqual([200, 429]);
    const refused = responses.find((response) => response.status === 429);
    expect(await refused?.json()).toEqual({
      error: "Model is overloaded",
      error_type: "Overloaded",
    });
    expect(refused?.headers.get("retry-after")).toBeNull();
    expect(simulator.stats).toMatchObject({ peakPermits: 40, permitsInUse: 0, pairsScored: 40 });
    expect((await post(simulator, "/rerank", { query: "q", texts: [...texts, ...texts] })).status).toBe(429);
  });

  it("stops working for a client that went away, and gives its permits back", async () => {
    const simulator = await start({ millisecondsPerBatch: 60_000 });
    const leaving = new AbortController();
    const call = post(simulator, "/rerank", { query: "q", texts: ["a", "b"] }, {}, leaving.signal);
    await eventually(() => simulator.stats.permitsInUse).toBe(2);
    leaving.abort();
    await expect(call).rejects.toThrow(/aborted/);
    await eventually(() => simulator.stats).toMatchObject({
      abortedCalls: 1,
      callsInFlight: 0,
      permitsInUse: 0,
      pairsScored: 0,
    });
  });
});

describe("the other routes", () => {
  it("answers /info with its limits and its model", async () => {
    const simulator = await start({ maxClientBatchSize: 7 });
    expect(await (await fetch(`${simulator.url}/info`)).json()).toMatchObject({
      model_id: "BAAI/bge-reranker-base",
      model_type: { reranker: { id2label: { "0": "LABEL_0" } } },
      max_concurrent_requests: 512,
      max_client_batch_size: 7,
      max_batch_tokens: 16_384,
      version: "1.9.3",
    });
  });

  it("compares sentences with an embedding model, in input order, the source counting against the batch", async () => {
    const simulator = await start({ modelType: "embedding", maxClientBatchSize: 3 });
    const call = (sentences: readonly string[]) =>
      post(simulator, "/similarity", {
        inputs: { source_sentence: "q", sentences },
        parameters: null,
      });
    expect(await (await call(["a", "b"])).json()).toEqual([oracleCosine("q", "a"), oracleCosine("q", "b")]);
    expect((await call(["a", "b", "c"])).status).toBe(422);
    expect(await (await call([])).json()).toEqual({
      error: "`inputs.sentences` cannot be empty",
      error_type: "Empty",
    });
  });

  it("answers 424 where the model is of another kind", async () => {
    const embedding = await start({ modelType: "embedding" });
    const refusal = await post(embedding, "/rerank", { query: "q", texts: ["a"] });
    expect(refusal.status).toBe(424);
    expect(await refusal.json()).toEqual({
      error: "model is not a re-ranker model",
      error_type: "Backend",
    });
    expect((await post(embedding, "/predict", { inputs: "a" })).status).toBe(424);
    const reranker = await start();
    expect((await post(reranker, "/similarity", { inputs: { source_sentence: "q", sentences: ["a"] } })).status).toBe(
      424,
    );
  });

  it("predicts for a pair and for a batch of pairs", async () => {
    const simulator = await start();
    const prediction = { score: oracleScore("q", "a"), label: "LABEL_0" };
    expect(await (await post(simulator, "/predict", { inputs: ["q", "a"] })).json()).toEqual([prediction]);
    expect(await (await post(simulator, "/predict", { inputs: [["q", "a"]] })).json()).toEqual([[prediction]]);
  });

  it("serves its model's own task at the root, and 404 or 405 without a body elsewhere", async () => {
    const simulator = await start();
    expect((await post(simulator, "/", { query: "q", texts: ["a"] })).status).toBe(200);
    const unknown = await post(simulator, "/v1/rerank", {});
    expect([unknown.status, await unknown.text()]).toEqual([404, ""]);
    expect((await fetch(`${simulator.url}/rerank`)).status).toBe(405);
  });

  it("wants its key everywhere but for health", async () => {
    const simulator = await start({ apiKey: "secret" });
    const refusal = await fetch(`${simulator.url}/info`, {
      headers: { authorization: "bearer secret" },
    });
    expect([refusal.status, await refusal.text()]).toEqual([401, ""]);
    expect((await fetch(`${simulator.url}/info`, { headers: { authorization: "Bearer secret" } })).status).toBe(200);
    expect((await fetch(`${simulator.url}/health`)).status).toBe(200);
    expect((await post(simulator, "/", { query: "q", texts: ["a"] })).status).toBe(401);
  });
});

describe("a cold model", () => {
  it("says how long it loads, and serves afterwards", async () => {
    const simulator = await start({
      coldStart: { kind: "loading", milliseconds: 20, estimatedTime: 20 },
    });
    const response = await post(simulator, "/rerank", { query: "q", texts: ["a"] });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      error: "Model BAAI/bge-reranker-base is currently loading",
      estimated_time: 20,
    });
    await eventually(async () => (await post(simulator, "/rerank", { query: "q", texts: ["a"] })).status).toBe(200);
    expect(simulator.starts()).toBe(1);
  });

  it("holds a request that says it will wait", async () => {
    const simulator = await start({ coldStart: { kind: "scaled-to-zero", milliseconds: 20 } });
    const impatient = await post(simulator, "/rerank", { query: "q", texts: ["a"] });
    const patient = await post(simulator, "/rerank", { query: "q", texts: ["a"] }, { "x-scale-up-timeout": "60" });
    expect([impatient.status, patient.status]).toEqual([503, 200]);
  });
});

describe("faults", () => {
  it("breaks the connection, before or in the middle of the answer", async () => {
    const simulator = await start({ script: onNumbers([1], { kind: "reset" }) });
    await expect(post(simulator, "/rerank", { query: "q", texts: ["a"] })).rejects.toThrow("fetch failed");
    simulator.follow(onNumbers([2], { kind: "death" }));
    const response = await post(simulator, "/rerank", { query: "q", texts: ["a"] });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
    expect((await post(simulator, "/rerank", { query: "q", texts: ["a"] })).status).toBe(200);
    expect(simulator.stats).toMatchObject({
      calls: 3,
      faults: 2,
      abortedCalls: 0,
      callsInFlight: 0,
    });
  });

  it("answers other statuses, in its own words or the script's", async () => {
    const simulator = await start({
      script: ({ number }) => ({
        kind: "refuse",
        status: number === 1 ? 429 : 502,
        ...(number > 1 && { body: "Bad Gateway" }),
      }),
    });
    const storm = await post(simulator, "/rerank", { query: "q", texts: ["a"] });
    expect(await storm.json()).toEqual({ error: "Model is overloaded", error_type: "Overloaded" });
    const gateway = await post(simulator, "/rerank", { query: "q", texts: ["a"] });
    expect([gateway.status, await gateway.text()]).toEqual([502, "Bad Gateway"]);
  });

  it.each(garbages)("answers nonsense: %s", async (garbage) => {
    const simulator = await start({
      script: ({ number }) => (number === 1 ? { kind: "garbage", garbage } : undefined),
    });
    const call = async () => (await post(simulator, "/rerank", { query: "q", texts: ["a", "b", "c"] })).text();
    const [nonsense, right] = [await call(), await call()];
    expect(nonsense).not.toBe(right);
  });

  it("chooses by seed and number, so that the same seed fails in the same places", () => {
    const failing = (seed: number) => {
      const script = randomly(0.3, [{ kind: "hang" }, { kind: "reset" }], seed);
      return Array.from({ length: 1000 }, (_, number) => script({ path: "/rerank", number, texts: [] })?.kind);
    };
    expect(failing(1)).toEqual(failing(1));
    expect(failing(1)).not.toEqual(failing(2));
    const rate = failing(1).filter(Boolean).length / 1000;
    expect(rate).toBeGreaterThan(0.25);
    expect(rate).toBeLessThan(0.35);
  });

  it("dies and comes back on the same port", async () => {
    const simulator = await start({ millisecondsPerBatch: 60_000 });
    const call = post(simulator, "/rerank", { query: "q", texts: ["a"] });
    await eventually(() => simulator.stats.permitsInUse).toBe(1);
    await Promise.all([simulator.kill(), expect(call).rejects.toThrow("fetch failed")]);
    await expect(fetch(`${simulator.url}/health`)).rejects.toThrow("fetch failed");
    await simulator.restart();
    expect((await fetch(`${simulator.url}/health`)).status).toBe(200);
    expect(simulator.stats).toMatchObject({ permitsInUse: 0, callsInFlight: 0, abortedCalls: 0 });
  });
});

describe("the oracle", () => {
  it("prints scores as 32-bit floats and lets ties happen", () => {
    const scores = Array.from({ length: 3000 }, (_, position) => oracleScore("q", `document ${position}`));
    expect(new Set(scores).size).toBeGreaterThan(700);
    expect(new Set(scores).size).toBeLessThan(1025);
    expect(scores.every((score) => score > 0 && score < 1 && String(score).length <= 22)).toBe(true);
    expect(oracleScore("q", "a")).not.toBe(oracleScore("a", "q"));
  });
});

describe("as a process of its own", () => {
  it("prints its address, serves, and reports its statistics", async () => {
    const child = fork(
      fileURLToPath(new URL("main.ts", import.meta.url)),
      ["--port", "0", "--max-client-batch-size", "5"],
      {
        execArgv: ["-C", "source"],
        silent: true,
      },
    );
    onTestFinished(() => void child.kill());
    const url = await firstLine(child);
    expect(await (await fetch(`${url}/info`)).json()).toMatchObject({ max_client_batch_size: 5 });
    const answered = once(child, "message");
    child.send("stats");
    const [message] = await answered;
    expect(message).toMatchObject({ stats: { calls: 0, infoCalls: 1 } });
  });
});

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

function post(
  simulator: Simulator,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${simulator.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trim();
  throw new Error("the process printed nothing");
}
