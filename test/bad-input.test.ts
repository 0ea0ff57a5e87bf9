import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Fault, always } from "./simulator/faults/faults.ts";
import { type Simulator, startSimulator } from "./simulator/simulator.ts";
import { type ProxyProcess, startProxy } from "./support/proxy-process.ts";
import { createFolder } from "./support/temporary-folder.ts";

const masterKey = "sk-master-5678";
/** Nothing listens there: the port is no service's, and no system gives it to whoever asks for any. */
const closedAddress = "http://127.0.0.1:4";
const upstreamKey = "hf_upstream-5678";
const query = "top secret question";
const documents = ["confidential first", "confidential second", "confidential third"];
const good = { model: "good", query, documents };

/** What a model's upstream does, whatever it is asked. */
const upstreams: Readonly<Record<string, Fault | undefined>> = {
  good: undefined,
  hanging: { kind: "hang" },
  dying: { kind: "death" },
  failing: { kind: "refuse", status: 500 },
  refusing: { kind: "refuse", status: 401, body: "" },
  html: { kind: "garbage", garbage: "html" },
  empty: { kind: "garbage", garbage: "empty" },
  shapeless: { kind: "garbage", garbage: "wrong-shape" },
  duplicate: { kind: "garbage", garbage: "duplicate-index" },
  missing: { kind: "garbage", garbage: "missing-index" },
  outside: { kind: "garbage", garbage: "index-out-of-range" },
  nan: { kind: "garbage", garbage: "nan-score" },
  null: { kind: "garbage", garbage: "null-score" },
};

const stack = new AsyncDisposableStack();
const simulators: Record<string, Simulator> = {};
/** Every message that clients received. */
const messages: string[] = [];
let proxy: ProxyProcess;

beforeAll(async () => {
  for (const [name, fault] of Object.entries(upstreams))
    simulators[name] = stack.use(
      await startSimulator({ apiKey: upstreamKey, ...(fault && { script: always(fault) }) }),
    );
  const folder = stack.use(await createFolder({ "config.yaml": await configuration() }));
  proxy = await startProxy(join(folder.path, "config.yaml"), {
    DHEERA_AI_MASTER_KEY: masterKey,
    UPSTREAM_KEY: upstreamKey,
  });
});

afterAll(async () => {
  expect(await proxy.stop()).toBe(0);
  await stack.disposeAsync();
});

describe("a bad request is refused with its reason before anything is sent upstream", () => {
  it.each([
    { name: "no query", body: { ...good, query: undefined }, says: "query" },
    { name: "an empty query", body: { ...good, query: "" }, says: "query" },
    { name: "a query of spaces", body: { ...good, query: "  " }, says: "query" },
    { name: "a query that is a number", body: { ...good, query: 7 }, says: "query" },
    { name: "no documents", body: { ...good, documents: undefined }, says: "documents" },
    { name: "an empty list of documents", body: { ...good, documents: [] }, says: "documents" },
    { name: "documents that are a text", body: { ...good, documents: documents[0] }, says: "documents" },
    { name: "a document that is a number", body: { ...good, documents: [documents[0], 7] }, says: "documents[1]" },
    { name: "a document that is null", body: { ...good, documents: [null] }, says: "documents[0]" },
    {
      name: "10,001 documents",
      body: { ...good, documents: Array.from({ length: 10_001 }, () => "a") },
      says: "10000",
    },
    { name: "no model", body: { ...good, model: undefined }, says: "model" },
    { name: "a top_n of 0", body: { ...good, top_n: 0 }, says: "top_n" },
    { name: "a top_n that is a text", body: { ...good, top_n: "many" }, says: "top_n" },
    { name: "a list instead of an object", body: [good], says: "object" },
    { name: "an upstream chosen by the client", body: { ...good, api_base: "http://127.0.0.1:1" }, says: "api_base" },
    { name: "an upstream key chosen by the client", body: { ...good, api_key: "mine" }, says: "api_key" },
  ])("400: $name", async ({ body, says }) => {
    const callsBefore = simulators["good"]?.stats.calls;
    const { status, error } = await post(JSON.stringify(body));
    expect(status).toBe(400);
    expect(error.code).toBe("invalid_request");
    expect(error.message.replaceAll(",", "")).toContain(says);
    expect(simulators["good"]?.stats.calls).toBe(callsBefore);
  });

  it.each([
    { name: "text that is no JSON", body: '{"model": "good", "query": ' },
    { name: "nothing", body: "" },
  ])("400: $name", async ({ body }) => {
    const { status, error } = await post(body);
    expect(status).toBe(400);
    expect(error.code).toBe("invalid_request");
    expect(error.message).toMatch(/JSON/);
  });

  it("413: a body of more than 16 MB", async () => {
    const { status, error } = await post(JSON.stringify({ ...good, documents: ["x".repeat(17_000_000)] }));
    expect(status).toBe(413);
    expect(error.code).toBe("request_too_large");
    expect(error.message).toMatch(/16 MB allowed \(general_settings\.max_request_size_mb\)/);
  });

  it.each(["nothing-like-it", "nonsense/model"])("404: the unknown model %s", async (model) => {
    const { status, error } = await post(JSON.stringify({ ...good, model }));
    expect(status).toBe(404);
    expect(error.code).toBe("model_not_found");
    expect(error.message).toContain(model);
  });

  it.each([{ authorization: "Bearer sk-wrong" }, { authorization: "Basic c2s6" }, { authorization: "" }])(
    "401: the key $authorization",
    async (headers) => {
      const { status, error } = await post(JSON.stringify(good), headers);
      expect(status).toBe(401);
      expect(error.code).toBe("unauthenticated");
      expect(error.message).toMatch(/Authorization|key/);
    },
  );
});

describe("a bad upstream is reported as what it is", () => {
  it.each([
    { model: "unreachable", status: 502, code: "provider_unreachable", says: /api_base/ },
    { model: "hanging", status: 504, code: "timeout", says: /timeout|in time/ },
    { model: "dying", status: 502, code: "provider_unreachable", says: /./ },
    { model: "failing", status: 502, code: "provider_failed", says: /500/ },
    { model: "refusing", status: 502, code: "provider_auth", says: /api_key|key/ },
    { model: "html", status: 502, code: "provider_bad_response", says: /./ },
    { model: "empty", status: 502, code: "provider_bad_response", says: /./ },
    { model: "shapeless", status: 502, code: "provider_bad_response", says: /no list of scores/ },
    { model: "duplicate", status: 502, code: "provider_bad_response", says: /twice/ },
    { model: "missing", status: 502, code: "provider_bad_response", says: /2 scores came back for 3 documents/ },
    { model: "outside", status: 502, code: "provider_bad_response", says: /index 3 is outside/ },
    { model: "nan", status: 502, code: "provider_bad_response", says: /./ },
    { model: "null", status: 502, code: "provider_bad_response", says: /not a finite number/ },
    { model: "keyless", status: 502, code: "provider_failed", says: /api_key needs the environment variable NOT_SET/ },
  ])("$status $code: $model", async ({ model, status, code, says }) => {
    const answer = await post(JSON.stringify({ ...good, model }));
    expect(answer.error).toMatchObject({ code, message: expect.stringMatching(says) });
    expect(answer.status).toBe(status);
  });
});

describe("after all of that", () => {
  it("the proxy still serves", async () => {
    expect((await post(JSON.stringify(good))).status).toBe(200);
  });

  it("no key and no text of a document or query is in any message or log line", () => {
    expect(messages.length).toBeGreaterThan(30);
    for (const text of [...messages, proxy.output()])
      for (const secret of [masterKey, upstreamKey, "sk-wrong", "top secret", "confidential"])
        expect(text).not.toContain(secret);
  });
});

async function configuration(): Promise<string> {
  const entries = Object.entries(simulators).map(([name, { url }]) => entry(name, url));
  return `model_list:
${[...entries, entry("unreachable", closedAddress), entry("keyless", simulators["good"]?.url ?? "", "os.environ/NOT_SET")].join("\n")}
router_settings:
  num_retries: 0
general_settings:
  master_key: os.environ/DHEERA_AI_MASTER_KEY
`;
}

function entry(name: string, url: string, key: string = "os.environ/UPSTREAM_KEY"): string {
  return `  - model_name: "${name}"
    dheera_ai_params:
      model: huggingface/BAAI/bge-reranker-base
      api_base: ${url}
      api_key: ${key}
      timeout: ${name === "hanging" ? 2 : 60}`;
}

interface Answer {
  readonly status: number;
  readonly error: { readonly message: string; readonly code: string };
}

/** Posts to `/rerank`, and checks that a refusal has the body that all clients can read. */
async function post(
  body: string,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${masterKey}` },
): Promise<Answer> {
  const response = await fetch(`${proxy.url}/rerank`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  if (response.status !== 200) messages.push(text);
  const answer = JSON.parse(text);
  if (response.status !== 200)
    expect(answer).toMatchObject({
      message: expect.any(String),
      error: { message: answer.message, type: expect.any(String), code: expect.any(String) },
      id: expect.any(String),
    });
  return { status: response.status, error: answer.error };
}
