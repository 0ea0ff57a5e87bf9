import type { RequestListener } from "node:http";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startSimulator } from "../simulator/simulator.ts";
import { bunBinary } from "../support/bun-binary.ts";
import { eventually } from "../support/eventually.ts";
import { postRerank } from "../support/post-rerank.ts";
import { type ProxyProcess, startProgram } from "../support/proxy-process.ts";
import { openConnection, sayOnce } from "../support/raw-connection.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";

const masterKey = "sk-master-5678";
const program = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));
const bm25 = { model_name: "bm25", dheera_ai_params: { model: "bm25/default" } };
const good = { model: "bm25", query: "moon", documents: ["a sun", "the moon"] };
const held = { model: "held", query: "moon", documents: ["a sun"] };
/** What Text Embeddings Inference says of itself. */
const info = {
  model_id: "simulated/held",
  // Weights that have no revision are recognised by a score, which this server would hold back too.
  model_sha: "0000000000000000000000000000000000000000",
  model_dtype: "float16",
  model_type: { reranker: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } },
  max_concurrent_requests: 512,
  max_input_length: 512,
  max_batch_tokens: 16_384,
  max_client_batch_size: 32,
  version: "1.9.3",
};

describe("the command line under Bun", () => {
  it("serves 500 requests without a failure, and ends on SIGTERM", async () => {
    await using upstream = await startSimulator({ apiKey: "key", microsecondsPerToken: 5 });
    const params = { model: "huggingface/BAAI/bge-reranker-base", api_base: upstream.url, api_key: "key" };
    await using proxy = await start({ model_list: [{ model_name: "tei", dheera_ai_params: params }] });

    const found = new Map<string, number>();
    let begun = 0;
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (begun < 500) {
          const outcome = await ask(proxy.url, begun++).catch(String);
          found.set(outcome, (found.get(outcome) ?? 0) + 1);
        }
      }),
    );
    expect(Object.fromEntries(found)).toEqual({ "200 with 40 results": 500 });
    expect(upstream.stats.calls).toBeGreaterThanOrEqual(1_000);

    expect(await proxy.stop(), proxy.output()).toBe(0);
  });

  it("knows the peer: without a key callers on this machine are served, and none that come through another proxy", async () => {
    await using proxy = await start({ model_list: [bm25] });
    expect((await postRerank(proxy.url, good)).status).toBe(200);
    expect((await post(proxy.url, good, { "x-forwarded-for": "127.0.0.1" })).status).toBe(401);

    await using picky = await start({ model_list: [bm25], general_settings: { allowed_ips: ["10.0.0.0/8"] } });
    const refused = await post(picky.url, good);
    expect([refused.status, (await refused.json()).message]).toEqual([403, expect.stringContaining("127.0.0.1")]);
  });

  it("answers probes, and counts what it answered", async () => {
    await using proxy = await start({ model_list: [bm25], general_settings: { master_key: masterKey } });
    const readiness = await fetch(`${proxy.url}/health/readiness`);
    expect([readiness.status, await readiness.json()]).toEqual([200, expect.objectContaining({ status: "healthy" })]);
    expect((await fetch(`${proxy.url}/metrics`)).status).toBe(401);

    for (let i = 0; i < 3; i++) expect((await postRerank(proxy.url, good, masterKey)).status).toBe(200);
    expect(await countReranks(proxy.url)).toBe(3);
  });

  it("several processes share a port that was free, and count together", async () => {
    const config = { model_list: [bm25], general_settings: { master_key: masterKey } };
    await using proxy = await start(config, ["--num_workers", "2"]);
    for (let i = 0; i < 8; i++)
      expect((await post(proxy.url, good, { connection: "close", authorization: `Bearer ${masterKey}` })).status).toBe(
        200,
      );
    for (let i = 0; i < 4; i++) expect(await countReranks(proxy.url)).toBe(8);

    const port = new URL(proxy.url).port;
    for (const workers of ["1", "2"])
      await expect(start(config, ["--num_workers", workers, "--port", port])).rejects.toThrow(
        "another program listens there",
      );
    expect(await proxy.stop(), proxy.output()).toBe(0);
    await expect(fetch(`${proxy.url}/health/readiness`)).rejects.toThrow();
  });

  it("says that this machine does not have an address", async () => {
    await expect(start({ model_list: [bm25] }, ["--host", "nowhere.invalid"])).rejects.toThrow(
      "this machine does not have that address",
    );
  });
});

describe("stopping under Bun", () => {
  it("says no to readiness, lets what is under way finish, and then lets go of the port", async () => {
    await using upstream = await startHolding();
    await using proxy = await start({ model_list: [upstream.model] });
    const underWay = Array.from({ length: 8 }, () => postRerank(proxy.url, held));
    await eventually(() => upstream.holds).toBe(8);
    const stopped = proxy.stop();

    const readiness = await eventuallyDraining(proxy.url);
    expect(readiness.headers.get("connection")).toBe("close");
    const late = postRerank(proxy.url, held);
    await eventually(() => upstream.holds).toBe(9);
    upstream.release();
    for (const answer of [...underWay, late]) expect((await answer).status).toBe(200);
    expect(await stopped, proxy.output()).toBe(0);
    await expect(fetch(`${proxy.url}/health/readiness`)).rejects.toThrow();
  });

  it("loses no request of clients that stop when readiness says no", async () => {
    await using proxy = await start({ model_list: [bm25] });
    const statuses = new Map<number, number>();
    const clients = Array.from({ length: 8 }, async () => {
      while ((await fetch(`${proxy.url}/health/readiness`)).ok) {
        const { status } = await postRerank(proxy.url, good);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    await eventually(() => statuses.get(200) ?? 0).toBeGreaterThan(100);
    const stopped = proxy.stop();
    await Promise.all(clients);
    expect([...statuses.keys()]).toEqual([200]);
    expect(await stopped, proxy.output()).toBe(0);
  });

  it("cuts off what takes longer than it may, and cancels its calls", async () => {
    await using upstream = await startHolding();
    await using proxy = await start({ model_list: [upstream.model] }, ["--shutdown_timeout", "1"]);
    const underWay = postRerank(proxy.url, held).then(
      () => "answered",
      () => "cut off",
    );
    await eventually(() => upstream.holds).toBe(1);
    expect(await proxy.stop(), proxy.output()).toBe(0);
    expect(await underWay).toBe("cut off");
    await eventually(() => upstream.holds).toBe(0);
  });

  it("closes connections on which nothing is asked", async () => {
    await using proxy = await start({ model_list: [bm25] });
    const connection = await openConnection(proxy.url);
    connection.say("GET /health/liveliness HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await connection.hear("alive");
    const stopped = proxy.stop();
    await connection.end();
    expect(await stopped, proxy.output()).toBe(0);
  });
});

describe("clients of Bun", () => {
  it("that go away cancel what they asked for", async () => {
    await using upstream = await startHolding();
    await using proxy = await start({ model_list: [upstream.model] });
    const controller = new AbortController();
    const asked = fetch(`${proxy.url}/rerank`, {
      method: "POST",
      body: JSON.stringify(held),
      signal: controller.signal,
    });
    await eventually(() => upstream.holds).toBe(1);
    controller.abort();
    await expect(asked).rejects.toThrow("aborted");
    await eventually(() => upstream.holds).toBe(0);
    expect((await fetch(`${proxy.url}/health/readiness`)).status).toBe(200);
  });

  it("that send too much are refused by the proxy itself, before they have sent it all", async () => {
    await using proxy = await start({ model_list: [bm25], general_settings: { max_request_size_mb: 1 } });
    const announced = await openConnection(proxy.url);
    announced.say("POST /rerank HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000000000\r\n\r\n");
    expect(await announced.hear("request_too_large")).toMatch(/^HTTP\/1.1 413 /);
    announced.close();

    const chunked = await openConnection(proxy.url);
    chunked.say("POST /rerank HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
    chunked.say(`${(100_000).toString(16)}\r\n${"x".repeat(100_000)}\r\n`.repeat(11));
    expect(await chunked.hear("request_too_large")).toMatch(/^HTTP\/1.1 413 /);
    chunked.close();
  });

  it("that announce more than Bun allows by itself are judged by the proxy too", async () => {
    await using proxy = await start({
      model_list: [bm25],
      general_settings: { master_key: masterKey, max_request_size_mb: 200 },
    });
    const connection = await openConnection(proxy.url);
    connection.say("POST /rerank HTTP/1.1\r\nhost: localhost\r\ncontent-length: 140000000\r\n\r\n");
    expect(await connection.hear("unauthenticated")).toMatch(/^HTTP\/1.1 401 /);
    connection.close();
  });
});

describe("requests to Bun that are unusual or no requests", () => {
  let proxy: ProxyProcess;
  beforeAll(async () => {
    proxy = await start({ model_list: [bm25] });
  });
  afterAll(() => proxy[Symbol.asyncDispose]());

  it.each([
    ["HTTP/1.0 without a host", "GET /health/readiness HTTP/1.0\r\n\r\n", 200, "healthy"],
    [
      "HTTP/1.0 with a body",
      `POST /rerank HTTP/1.0\r\ncontent-length: ${JSON.stringify(good).length}\r\n\r\n${JSON.stringify(good)}`,
      200,
      "results",
    ],
    [
      "a broken host",
      "GET /health/readiness HTTP/1.1\r\nhost: a b/\r\nconnection: close\r\n\r\n",
      400,
      "invalid_request_error",
    ],
    [
      "another path",
      "GET /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
      404,
      "invalid_request_error",
    ],
    ["HEAD", "HEAD /health/readiness HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", 200, ""],
    ["OPTIONS", "OPTIONS /rerank HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", 405, "method_not_allowed"],
    [
      "headers without end",
      `GET /health/readiness HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
      "",
    ],
    [
      "two lengths",
      "POST /rerank HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
      400,
      "",
    ],
    ["what is no HTTP", "hello\r\n\r\n", 400, ""],
  ])("%s", async (_, said, status, words) => {
    const [head = "", body = ""] = (await sayOnce(proxy.url, said)).split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (words === "") expect(body).toBe("");
    else expect(body).toContain(words);
  });
});

async function start(config: object, args: readonly string[] = []): Promise<ProxyProcess> {
  // JSON is YAML.
  const folder = await createFolder({ "config.yaml": JSON.stringify(config) });
  const serve = ["--config", `${folder.path}/config.yaml`, "--host", "127.0.0.1", "--port", "0", ...args];
  const proxy = await startProgram(bunBinary(), ["--conditions=source", program, ...serve], { LOG_LEVEL: "silent" });
  return {
    ...proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** An upstream of the model `held` that holds back every answer until `release`. */
interface Holding extends AsyncDisposable {
  readonly model: object;
  /** Calls that wait for their answers now. */
  readonly holds: number;
  release(): void;
}

async function startHolding(): Promise<Holding> {
  const released = Promise.withResolvers<void>();
  let holds = 0;
  const answer: RequestListener = (request, response) => {
    const say = (body: unknown): void =>
      void response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (request.url !== "/rerank") return say(info);
    holds++;
    response.on("close", () => holds--);
    void released.promise.then(() => say([{ index: 0, score: 0.5 }]));
  };
  const server = await serveHttp(answer);
  const params = { model: "huggingface/simulated/held", api_base: server.url };
  return {
    model: { model_name: "held", dheera_ai_params: params },
    get holds() {
      return holds;
    },
    release: () => released.resolve(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Resolves with the answer that says no. */
async function eventuallyDraining(url: string): Promise<Response> {
  let response = await fetch(`${url}/health/readiness`);
  while (response.ok) response = await fetch(`${url}/health/readiness`);
  expect([response.status, await response.json()]).toEqual([503, { status: "shutting_down" }]);
  return response;
}

function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/rerank`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** Rerank requests that the page of metrics counts. */
async function countReranks(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${masterKey}`, connection: "close" },
  });
  const lines = (await response.text())
    .split("\n")
    .filter(
      (line) => line.startsWith("dheera_ai_proxy_total_requests_metric_total{") && line.includes('route="/rerank"'),
    );
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function ask(url: string, number: number): Promise<string> {
  const documents = Array.from({ length: 40 }, (_, index) => `document ${index} of request ${number}`);
  const response = await post(url, { model: "tei", query: `query ${number}`, documents });
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null || !("results" in body) || !Array.isArray(body.results))
    return JSON.stringify(body);
  return `${response.status} with ${body.results.length} results`;
}
