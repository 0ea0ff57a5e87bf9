import { join } from "node:path";

import { createDheera } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { type Answer, scoreByNumber, sendJson, startUpstream } from "../../fixtures/start-upstream.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { hashKey } from "../../access/hash-key.ts";
import { weaviateMetaPath, weaviateProbePaths } from "../../routes/search-engines/weaviate-service.ts";
import { createTelemetry } from "../create-telemetry.ts";
import { startObservedProxy } from "../fixtures/observed-proxy.ts";
import { silentLog } from "../telemetry.ts";
import { eventLog } from "./event-log.ts";

const request = { model: "bge", query: "who is Quixote", documents: ["1 Sancho", "2 Dulcinea", "3 Rocinante"] };

it("writes one line for a request, with its key, model, status and times", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  await proxy.rerank(request, { "x-dheera-call-id": "call-7" });
  expect(proxy.logged()).toEqual([
    expect.objectContaining({
      level: "info",
      message: "POST /v1/rerank 200",
      call_id: "call-7",
      method: "POST",
      route: "/v1/rerank",
      status: 200,
      key: "master",
      model: "bge",
      deployment: "one",
      documents: 3,
      batches: 1,
      retries: 0,
      cache_hits: 0,
      tokens: 30,
      duration_ms: expect.any(Number),
      upstream_ms: expect.any(Number),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    }),
  ]);
});

it("gives the reason of a caller's error at warn", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  await proxy.rerank({ ...request, top_n: 0 });
  expect(proxy.logged()).toEqual([
    expect.objectContaining({
      level: "warn",
      status: 400,
      code: "invalid_request",
      fault: "caller",
      reason: expect.stringContaining("top_n"),
    }),
  ]);
});

it.each([
  { what: "is not served", asked: { model: "nobody\n\u001b[2J" }, reason: 'model: "nobody\\n\\u001b[2J" is not known' },
  { what: "its key may not use", key: "sk-team", asked: { model: "other" }, reason: 'may not use the model "other"' },
  { what: "its key may not use", key: "sk-team", asked: { model: "x".repeat(9_000) }, reason: `"${"x".repeat(200)}"` },
  { what: "its key may not use", key: "sk-team", asked: { fallbacks: ["other"] }, reason: 'fallbacks: names "other"' },
])("names the model of a request that $what", async ({ key = "sk-master", asked, reason }) => {
  await using upstream = await startUpstream();
  const keys = `keys: [{ name: team, key: "${hashKey("sk-team")}", models: [bge] }]`;
  const yaml = config(upstream.url).replace("master_key: sk-master", `master_key: sk-master, ${keys}`);
  await using proxy = await startObservedProxy({ yaml });
  await proxy.rerank({ ...request, ...asked }, { authorization: `Bearer ${key}` });
  expect(proxy.logged()).toEqual([expect.objectContaining({ level: "warn", reason: expect.stringContaining(reason) })]);
});

it("gives the reason of an upstream's failure at error, with the deployment and what was retried", async () => {
  await using upstream = await startUpstream(fails(500));
  await using proxy = await startObservedProxy({
    yaml: `${config(upstream.url)}\nrouter_settings: { num_retries: 1 }`,
  });
  await proxy.rerank(request);
  expect(proxy.logged().at(-1)).toMatchObject({
    level: "error",
    message: "POST /v1/rerank 502 provider_failed",
    fault: "upstream",
    provider: "huggingface",
    deployment: "one",
    retries: 1,
    reason: expect.stringContaining("HTTP 500"),
  });
});

it("names the system's reason when an upstream cannot be reached", async () => {
  await using proxy = await startObservedProxy({ yaml: config("http://127.0.0.1:9") });
  await proxy.rerank(request);
  expect(proxy.lines.at(-1)).toContain("ECONNREFUSED");
});

it("logs a client that went away at info", async () => {
  const { logged, telemetry } = await capture();
  telemetry.requestEnded?.({
    callId: "c",
    method: "POST",
    route: "/v1/rerank",
    status: 499,
    code: "cancelled",
    durationMilliseconds: 5,
  });
  expect(logged()).toEqual([expect.objectContaining({ level: "info", code: "cancelled" })]);
});

it.each(["/health/readiness", ...weaviateProbePaths, weaviateMetaPath])(
  "keeps the probe %s quiet while it succeeds",
  async (route) => {
    const { logged, telemetry } = await capture();
    const probe = { callId: "c", method: "GET", route, durationMilliseconds: 1 };
    telemetry.requestEnded?.({ ...probe, status: 200 });
    expect(logged()).toEqual([]);
    telemetry.requestEnded?.({ ...probe, status: 503 });
    expect(logged()).toEqual([expect.objectContaining({ level: "warn", status: 503 })]);
  },
);

it("keeps what a page asks for by itself quiet while it succeeds, and that alone", async () => {
  await using upstream = await startUpstream();
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const mark = { "x-dheera-background": "true" };
  await proxy.get("/assets/icon.svg");
  await proxy.get("/model/info", mark);
  expect(proxy.logged()).toEqual([]);
  await proxy.get("/model/info");
  await proxy.get("/v1/models", mark);
  await proxy.get("/model/info", { ...mark, authorization: "Bearer wrong" });
  await proxy.rerank(request, mark);
  expect(proxy.logged().map(({ level, route, status }) => `${level} ${route} ${status}`)).toEqual([
    "info /model/info 200",
    "info /v1/models 200",
    "warn /model/info 401",
    "info /v1/rerank 200",
  ]);
});

it("warns when a deployment cools down and when a fallback is tried, and logs when it serves again", async () => {
  let isBroken = true;
  await using upstream = await startUpstream((exchange) => (isBroken ? fails(500)(exchange) : scoreByNumber(exchange)));
  const { logged, telemetry } = await capture();
  const { huggingface } = await import("dheera-ai");
  const params = { model: "huggingface/m", api_base: upstream.url, max_retries: 0 };
  const dheera = createDheera({
    providers: [huggingface({ environment: {} })],
    model_list: ["first", "second"].map((model_name) => ({
      model_name,
      dheera_ai_params: params,
      model_info: { id: `${model_name}-one` },
    })),
    router_settings: { allowed_fails: 0, cooldown_time: 0.001, fallbacks: [{ first: ["second"] }] },
    ...(telemetry.observer && { observer: telemetry.observer }),
  });
  const asked = { ...request, model: "first" };
  await expect(dheera.rerank(asked, { callId: "call-8" })).rejects.toMatchObject({ code: "provider_failed" });
  isBroken = false;
  await dheera.rerank(asked, { callId: "call-9" });
  expect(logged()).toContainEqual(
    expect.objectContaining({
      level: "warn",
      event: "cooldown",
      call_id: "call-8",
      deployment: "first-one",
      code: "provider_failed",
    }),
  );
  expect(logged()).toContainEqual(
    expect.objectContaining({ level: "warn", event: "fallback", call_id: "call-8", from: "first", to: "second" }),
  );
  expect(logged()).toContainEqual(expect.objectContaining({ level: "info", event: "recovered", call_id: "call-9" }));
});

it.each<{ what: string; answer: Answer }>([
  { what: "answers", answer: scoreByNumber },
  {
    what: "refuses and quotes what it was sent",
    answer: ({ body, outgoing }) => sendJson(outgoing, { error: JSON.stringify(body) }, {}, 422),
  },
  {
    what: "breaks and quotes what it was sent",
    answer: ({ body, outgoing }) => sendJson(outgoing, { error: JSON.stringify(body) }, {}, 500),
  },
  { what: "echoes what it was sent in place of scores", answer: ({ body, outgoing }) => sendJson(outgoing, body) },
  { what: "answers with text that is not JSON", answer: ({ outgoing }) => void outgoing.end("Sancho said: no") },
  {
    what: "refuses our key and quotes it",
    answer: ({ incoming, outgoing }) => sendJson(outgoing, { error: incoming.headers.authorization }, {}, 401),
  },
])("writes no query, document or key when an upstream $what", async ({ answer }) => {
  await using upstream = await startUpstream(answer);
  await using proxy = await startObservedProxy({ yaml: config(upstream.url), log: { level: "debug" } });
  await proxy.rerank(request);
  await proxy.rerank(request, { authorization: "Bearer sk-wrong" });
  const text = proxy.lines.join("");
  expect(proxy.lines.length).toBeGreaterThanOrEqual(2);
  for (const word of ["Quixote", "Sancho", "Dulcinea", "Rocinante", "sk-master", "sk-wrong", "sk-upstream"])
    expect(text).not.toContain(word);
});

it.each([
  { where: "score", score: "async score({ documents }) { return careless(documents[0]); }" },
  { where: "score, before any promise", score: "score({ documents }) { return careless(documents[0]); }" },
  { where: "profile", score: "", profile: "async profile() { return careless('Sancho'); }" },
  { where: "profile, before any promise", score: "", profile: "profile() { return careless('Sancho'); }" },
])("writes the stack of a plug-in's programming error in $where, and no text", async ({ score, profile }) => {
  const sound =
    'profile: () => ({ scoring: "pointwise", scoreKind: "unknown", billing: "compute", fingerprint: "x", limits: {} })';
  await using folder = await temporaryFolder({
    "acme.mjs": `function careless(text) { throw new TypeError("cannot read " + text); }
      export default { name: "acme", connect: () => ({ ${profile ?? sound}, ${score || "async score() {}"} }) };`,
  });
  await using proxy = await startObservedProxy({
    yaml: `plugins: [${JSON.stringify(join(folder.path, "acme.mjs"))}]
general_settings: { master_key: sk-master }
model_list: [{ model_name: bge, dheera_ai_params: { model: acme/x, max_retries: 0 }, model_info: { id: one } }]`,
  });
  const response = await proxy.rerank(request);
  expect(response.status).toBe(502);
  expect(await response.text()).toContain(
    "the provider acme has a programming error (TypeError); its stack is in the log",
  );
  const cause = { name: "TypeError", stack: expect.arrayContaining([expect.stringMatching(/careless.*acme\.mjs/)]) };
  if (profile === undefined)
    expect(proxy.logged()).toContainEqual(
      expect.objectContaining({ level: "error", event: "defect", deployment: "one", cause }),
    );
  expect(proxy.logged()).toContainEqual(expect.objectContaining({ status: 502, code: "provider_failed", cause }));
  expect(proxy.lines.join("")).not.toContain("Sancho");
});

it("writes queries and documents only when that is switched on, and then only at debug", async () => {
  await using upstream = await startUpstream();
  await using asked = await startObservedProxy({
    yaml: config(upstream.url),
    log: { level: "debug", documents: true },
  });
  await asked.rerank(request);
  const withDocuments = asked.logged().filter((line) => JSON.stringify(line).includes("Sancho"));
  expect(withDocuments).toEqual([
    expect.objectContaining({ level: "debug", query: request.query, documents: request.documents }),
  ]);

  await using quieter = await startObservedProxy({
    yaml: config(upstream.url),
    log: { level: "info", documents: true },
  });
  await quieter.rerank(request);
  expect(quieter.lines.join("")).not.toContain("Sancho");
});

it("keeps errors that are handed to it from quoting documents", async () => {
  const { lines, telemetry } = await capture();
  telemetry.log.error("a request failed unexpectedly", {
    call_id: "c",
    error: new SyntaxError('Unexpected token, "Sancho" is not valid JSON'),
  });
  expect(lines.join("")).toContain("SyntaxError");
  expect(lines.join("")).not.toContain("Sancho");
});

it.each([
  { level: "warn", expected: ["warn", "error"] },
  { level: "ERROR", expected: ["error"] },
  { level: "WARNING", expected: ["warn", "error"] },
  { level: "silent", expected: [] },
  { level: undefined, expected: ["info", "warn", "error"] },
])("writes lines from level $level on", async ({ level, expected }) => {
  const { logged, telemetry } = await capture({ level });
  for (const name of ["debug", "info", "warn", "error"] as const) telemetry.log[name]("a line");
  expect(logged().map((line) => line["level"])).toEqual(expected);
});

it("says so when the level is not known, and goes on at info", async () => {
  const { logged, telemetry } = await capture({ level: "loud" });
  telemetry.log.info("a line");
  expect(logged()).toEqual([
    expect.objectContaining({ level: "warn", message: expect.stringContaining('"loud"') }),
    expect.objectContaining({ message: "a line" }),
  ]);
});

it("writes lines for people on a terminal", async () => {
  const { lines, telemetry } = await capture({ pretty: true });
  telemetry.log.warn("the cache is away", { call_id: "call-9" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("the cache is away");
  expect(lines[0]).toContain("call-9");
  expect(() => JSON.parse(lines[0] ?? "")).toThrow(SyntaxError);
});

it("makes a silent logger", () => {
  expect(silentLog.error("not written")).toBeUndefined();
});

interface Captured {
  readonly telemetry: Awaited<ReturnType<typeof createTelemetry>>;
  readonly lines: readonly string[];
  logged(): readonly Record<string, unknown>[];
}

async function capture(log: { level?: string | undefined; pretty?: boolean } = {}): Promise<Captured> {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const telemetry = await createTelemetry({ environment: {}, metrics: false, log: { destination, ...log } });
  return { telemetry, lines, logged: () => lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

function fails(status: number): Answer {
  return ({ outgoing }) => sendJson(outgoing, { error: "no" }, {}, status);
}

function config(url: string): string {
  return `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${url}", api_key: sk-upstream }
    model_info: { id: one }
general_settings: { master_key: sk-master }`;
}

it("names the provider that blocked every request, at warn", async () => {
  const { logged, telemetry } = await capture();
  telemetry.observer?.event?.({
    type: "blocked",
    deployment: "one",
    provider: "acme",
    during: "score",
    milliseconds: 8_000,
  });
  expect(logged()).toEqual([
    expect.objectContaining({
      level: "warn",
      event: "blocked",
      message: "the provider acme of one kept every request waiting for 8000 ms in score",
    }),
  ]);
  expect(logged()[0]).not.toHaveProperty("call_id");
});

it("names the server that failed to the operator, and not to the caller", async () => {
  await using upstream = await startUpstream(fails(500));
  await using proxy = await startObservedProxy({ yaml: config(upstream.url) });
  const response = await proxy.rerank(request);
  expect(proxy.logged().at(-1)).toMatchObject({
    upstream: { address: expect.stringContaining(upstream.url), status: 500 },
  });
  expect(await response.text()).not.toContain(new URL(upstream.url).host);
});

it("warns once a minute of a server that does not say what it is", async () => {
  const lines: string[] = [];
  const write = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  let now = 0;
  const { event } = eventLog(log, () => now);
  const away = { type: "unknown-server", callId: "c", deployment: "one", code: "provider_failed" } as const;
  for (now of [0, 59_999, 60_000]) event?.(away);
  event?.({ ...away, deployment: "two" });
  const message = "did not say what it is: provider_failed";
  expect(lines).toEqual([
    `warn: one ${message}`,
    `debug: one ${message}`,
    `warn: one ${message}`,
    `warn: two ${message}`,
  ]);
});
