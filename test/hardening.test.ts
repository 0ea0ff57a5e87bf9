import { once } from "node:events";
import type { RequestListener } from "node:http";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { oracleRanking } from "./simulator/oracle.ts";
import { type Simulator, startSimulator } from "./simulator/simulator.ts";
import { type ProxyProcess, startProxy } from "./support/proxy-process.ts";
import { type RawConnection, openConnection, sayOnce } from "./support/raw-connection.ts";
import { serveHttp } from "./support/serve-http.ts";
import { createFolder } from "./support/temporary-folder.ts";

const masterKey = "sk-master-key-of-a-test";
const upstreamKey = "hf_upstream-9012";
const query = "top secret question";
const documents = ["confidential first", "confidential second", "confidential third"];
const good = { model: "good", query, documents };
const ranking = oracleRanking(query, documents).map(({ index, score }) => ({ index, relevance_score: score }));
/** Of requests as well as of answers. */
const mostMegabytes = 1;
const forbiddenFields = [
  "api_base",
  "base_url",
  "api_key",
  "user_config",
  "headers",
  "extra_headers",
  "extra_body",
  "dheera_ai_params",
  "litellm_params",
  "model_list",
];
const forwardingHeaders = ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via", "cf-connecting-ip"];

const stack = new AsyncDisposableStack();
/** Every message that clients received. */
const messages: string[] = [];
/** What the upstream of the model `hostile` answers. */
let answerHostilely: RequestListener = (_, response) => response.end();
let upstream: Simulator;
let proxy: ProxyProcess;

beforeAll(async () => {
  upstream = stack.use(await startSimulator({ apiKey: upstreamKey }));
  const hostile = stack.use(await serveHttp((request, response) => answerHostilely(request, response)));
  const folder = stack.use(
    await createFolder({ "config.yaml": configuration({ good: upstream.url, hostile: hostile.url }) }),
  );
  proxy = await startProxy(`${folder.path}/config.yaml`, { UPSTREAM_KEY: upstreamKey });
});

afterAll(async () => {
  expect(await proxy.stop()).toBe(0);
  await stack.disposeAsync();
});

describe("slow clients", () => {
  it("whose headers trickle in slow no other client, and are served when they are complete", async () => {
    await trickle(`POST /rerank HTTP/1.1\r\n${commonHeaders(good)}\r\n`, JSON.stringify(good));
  });

  it("whose bodies trickle in slow no other client, and are served when they are complete", async () => {
    const body = JSON.stringify(good);
    await trickle(body, "", `POST /rerank HTTP/1.1\r\n${commonHeaders(good)}\r\n`);
  });

  it("that ask nothing are many and harmless", async () => {
    const idle = await openMany(500);
    await expectServed();
    for (const connection of idle) connection.close();
    await expectServed();
  });

  it("that go away in the middle of a body are harmless", async () => {
    const gone = await openMany(50);
    for (const connection of gone) {
      connection.say(`POST /rerank HTTP/1.1\r\n${commonHeaders(good)}\r\n{"model"`);
      connection.close();
    }
    await expectServed();
  });
});

describe("what is hardly HTTP", () => {
  it.each([
    ["headers of 20 KB", `GET /health/liveliness HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["headers without end", `GET /health/liveliness HTTP/1.1\r\nhost: localhost\r\n${"x: y\r\n".repeat(10_000)}`, 431],
    ["an endless address", `GET /${"x".repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`, 431],
    ["a negative length", withHeaders("content-length: -1"), 400],
    ["a length that is no number", withHeaders("content-length: 0x10"), 400],
    ["a length beyond all numbers", withHeaders(`content-length: ${"9".repeat(40)}`), 400],
    ["two lengths", withHeaders("content-length: 2\r\ncontent-length: 3"), 400],
    ["a length as well as chunks", withHeaders("content-length: 5\r\ntransfer-encoding: chunked"), 400],
    ["a chunk whose length is none", `${withHeaders("transfer-encoding: chunked")}zz\r\n`, 400],
    ["another protocol", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000", 400],
    ["an unknown method", "REFUND /rerank HTTP/1.1\r\nhost: localhost\r\n\r\n", 400],
  ])("%s", async (_, said, status) => {
    const answer = parse(await sayOnce(proxy.url, said));
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({
      message: expect.any(String),
      error: { type: "invalid_request_error" },
    });
  });

  it("a body announced as a terabyte is refused before any of it is read", async () => {
    const connection = await openConnection(proxy.url);
    connection.say(withHeaders("content-length: 1000000000000"));
    expect(await connection.hear("request_too_large")).toMatch(/^HTTP\/1.1 413 /);
    connection.close();
  });

  it("a body in chunks is refused as soon as it is too large", async () => {
    const connection = await openConnection(proxy.url);
    connection.say(withHeaders("transfer-encoding: chunked"));
    const chunk = `${(100_000).toString(16)}\r\n${"x".repeat(100_000)}\r\n`;
    connection.say(chunk.repeat(mostMegabytes * 10 + 1));
    expect(await connection.hear("request_too_large")).toMatch(/^HTTP\/1.1 413 /);
    connection.close();
  });
});

describe("unusual HTTP", () => {
  it("a client that asks whether to go on may", async () => {
    const connection = await openConnection(proxy.url);
    connection.say(`POST /rerank HTTP/1.1\r\n${commonHeaders(good)}expect: 100-continue\r\nconnection: close\r\n\r\n`);
    expect(await connection.hear("\r\n\r\n")).toMatch(/^HTTP\/1.1 100 Continue/);
    connection.say(JSON.stringify(good));
    expect(parse((await connection.end()).replace(/^.*?\r\n\r\n/s, "")).status).toBe(200);
  });

  it("HTTP/1.0", async () => {
    const answer = parse(
      await sayOnce(proxy.url, `POST /rerank HTTP/1.0\r\n${commonHeaders(good)}\r\n${JSON.stringify(good)}`),
    );
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).results).toEqual(ranking);
  });

  it("requests sent ahead of the answers are answered in order", async () => {
    const ask = (count: number, last: boolean): string => {
      const body = { ...good, top_n: count };
      return `POST /rerank HTTP/1.1\r\n${commonHeaders(body)}${last ? "connection: close\r\n" : ""}\r\n${JSON.stringify(body)}`;
    };
    const heard = await sayOnce(proxy.url, ask(1, false) + ask(2, false) + ask(3, true));
    const answers = heard.split(/(?=HTTP\/1\.1 )/).map(parse);
    expect(answers.map(({ status, body }) => [status, JSON.parse(body).results.length])).toEqual([
      [200, 1],
      [200, 2],
      [200, 3],
    ]);
  });

  it("HEAD answers as GET without the body", async () => {
    const response = await fetch(`${proxy.url}/health/readiness`, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect((await fetch(`${proxy.url}/rerank`, { method: "HEAD" })).status).toBe(405);
  });

  it("OPTIONS allows no other site anything", async () => {
    const headers = { origin: "https://example.com", "access-control-request-method": "POST" };
    const response = await fetch(`${proxy.url}/rerank`, { method: "OPTIONS", headers });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});

describe("JSON that breaks programs", () => {
  it.each([
    ["lists, 100,000 deep", "[".repeat(100_000) + "]".repeat(100_000)],
    ["lists without end, 100,000 deep", "[".repeat(100_000)],
    ["objects, 100,000 deep", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`],
    [
      "a document 100,000 deep",
      JSON.stringify(good).replace('"confidential first"', "[".repeat(100_000) + "]".repeat(100_000)),
    ],
    [
      "bytes that are no UTF-8",
      Uint8Array.of(...Buffer.from('{"model":"good","query":"'), 0xff, 0xc0, ...Buffer.from('","documents":["a"]}')),
    ],
    ["UTF-16", Buffer.from(JSON.stringify(good), "utf16le")],
    ["compressed JSON", Uint8Array.of(0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00)],
    ["a prototype as the whole body", '{"__proto__":{"model":"good","query":"q","documents":["a"]}}'],
  ])("%s: 400", async (_, body) => {
    const response = await post(body);
    expect([response.status, response.error?.code]).toEqual([400, "invalid_request"]);
  });

  it("of a field that is there twice the last one counts", async () => {
    const { status, results } = await post(`{"query":"another",${JSON.stringify(good).slice(1)}`);
    expect([status, results]).toEqual([200, ranking]);
  });

  it("a field of the prototype is like any unknown one, and stays with its request", async () => {
    const polluting = `{"__proto__":{"top_n":1,"api_base":"http://127.0.0.1:1"},"constructor":{"prototype":{"top_n":1}},${JSON.stringify(good).slice(1)}`;
    const { status, results } = await post(polluting);
    expect([status, results]).toEqual([200, ranking]);
    await expectServed();
  });

  it.each(["__proto__", "constructor", "toString"])("documents and rank_fields with the field %s", async (field) => {
    const texts = documents.map((text) => `{"${field}":${JSON.stringify(text)}}`);
    const asked = `{"model":"good","query":${JSON.stringify(query)},"return_documents":true,"rank_fields":["${field}"],"documents":[${texts.join(",")}]}`;
    const { status, text } = await post(asked);
    expect(status).toBe(200);
    // Compared as texts, because in an object literal the name means something else.
    for (const document of texts) expect(text).toContain(document);
  });

  it("rank_fields that only the prototype has are fields that the document lacks", async () => {
    const asked = (rank_fields: readonly string[]): object => ({
      ...good,
      documents: [{ text: documents[0] }],
      rank_fields,
    });
    const lacking = await post(JSON.stringify(asked(["lacking"])));
    const inherited = await post(JSON.stringify(asked(["toString"])));
    expect([inherited.status, inherited.results]).toEqual([lacking.status, lacking.results]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "../good", "good\u0000", "\ud800"])(
    "there is no model %j",
    async (model) => {
      const { status, error } = await post(JSON.stringify({ ...good, model }));
      expect([status, error?.code]).toEqual([404, "model_not_found"]);
    },
  );

  it("a model name of 500 KB is refused in less than that", async () => {
    const { status, text } = await post(JSON.stringify({ ...good, model: "x".repeat(500_000) }));
    expect([400, 404]).toContain(status);
    expect(text.length).toBeLessThan(10_000);
    expect(proxy.output().length).toBeLessThan(500_000);
  });

  it.each(["__proto__", "constructor", "undefined", "null", ""])("the key %j opens nothing", async (key) => {
    expect((await post(JSON.stringify(good), { authorization: `Bearer ${key}` })).status).toBe(401);
  });
});

describe("a request that would choose its upstream", () => {
  it.each(forbiddenFields)("by %s is refused, and no server is called", async (field) => {
    const called: string[] = [];
    await using other = await serveHttp((request, response) => {
      called.push(request.url ?? "");
      response.end("[]");
    });
    const { status, error } = await post(JSON.stringify({ ...good, [field]: other.url }));
    expect([status, error?.code]).toEqual([400, "invalid_request"]);
    expect(error?.message).toContain(field);
    expect(called).toEqual([]);
  });

  it("by a header is served from the configured one", async () => {
    const { status, results } = await post(JSON.stringify(good), {
      ...authorized,
      "x-api-base": "http://127.0.0.1:1",
      "x-forwarded-host": "127.0.0.1:1",
      "x-dheera-api-base": "http://127.0.0.1:1",
    });
    expect([status, results]).toEqual([200, ranking]);
  });
});

describe("a hostile upstream", () => {
  it.each([301, 302, 303, 307, 308])(
    "that redirects with %i is not followed, and no other server gets the key",
    async (status) => {
      const called: string[] = [];
      await using other = await serveHttp((request, response) => {
        called.push(request.url ?? "");
        response.setHeader("content-type", "application/json").end('[{"index":0,"score":1}]');
      });
      await expectBadGateway((request, response) => {
        response.writeHead(status, { location: `${other.url}${request.url}` }).end();
      });
      expect(called).toEqual([]);
    },
  );

  it("that answers without end is cut off at the limit", async () => {
    const cut = Promise.withResolvers<void>();
    const message = await expectBadGateway(
      onlyRerank((_, response) => {
        response.on("close", () => cut.resolve());
        response.writeHead(200, { "content-type": "application/json" });
        void writeWithoutEnd(response);
      }),
    );
    expect(message).toContain(`${mostMegabytes} MB`);
    await cut.promise;
  });

  it("that announces more than the limit is not waited for", async () => {
    const message = await expectBadGateway(
      onlyRerank((_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000000000" }).write("[");
      }),
    );
    expect(message).toContain(`${mostMegabytes} MB`);
  });

  it.each([
    ["noise", Buffer.from([0xff, 0x00, 0xfe, 0x80])],
    ["lists, 100,000 deep", "[".repeat(100_000) + "]".repeat(100_000)],
    ["an index of the prototype", '[{"index":"__proto__","score":1},{"index":1,"score":1},{"index":2,"score":1}]'],
    ["an index of a billion", '[{"index":1000000000,"score":1},{"index":1,"score":1},{"index":2,"score":1}]'],
    ["scores beyond all numbers", '[{"index":0,"score":1e999},{"index":1,"score":1},{"index":2,"score":1}]'],
    ["a page that repeats the key", `<html>${upstreamKey}</html>`],
  ])("that answers 200 with %s", async (_, garbage) => {
    await expectBadGateway(
      onlyRerank((_request, response) => response.setHeader("content-type", "application/json").end(garbage)),
    );
  });

  it("whose refusal repeats the key and the documents is quoted without them", async () => {
    await expectBadGateway(
      onlyRerank((_, response) =>
        response.writeHead(401, { "content-type": "text/plain" }).end(`${upstreamKey} ${documents.join(" ")}`),
      ),
    );
  });
});

describe("without any key", () => {
  it("callers on this machine are served, and none that come through another proxy or another site's page", async () => {
    await using folder = await createFolder({ "config.yaml": configuration({ good: upstream.url }, "") });
    const keyless = await startProxy(`${folder.path}/config.yaml`, { UPSTREAM_KEY: upstreamKey });
    try {
      const send = async (headers: Readonly<Record<string, string>>): Promise<number> => {
        const lines = Object.entries({ host: new URL(keyless.url).host, ...headers }).map(
          ([name, value]) => `${name}: ${value}\r\n`,
        );
        const body = JSON.stringify(good);
        const said = `POST /rerank HTTP/1.1\r\n${lines.join("")}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
        return parse(await sayOnce(keyless.url, said)).status;
      };
      expect(await send({})).toBe(200);
      for (const name of forwardingHeaders) expect([name, await send({ [name]: "127.0.0.1" })]).toEqual([name, 401]);
      expect(await send({ host: "rebound.example" })).toBe(401);
      expect(await send({ origin: "https://example.com" })).toBe(401);
      expect(await send({ "sec-fetch-site": "cross-site" })).toBe(401);
    } finally {
      expect(await keyless.stop()).toBe(0);
    }
  });
});

describe("after all of that", () => {
  it("the proxy still serves", () => expectServed());

  it("the operator reads of nothing that the proxy did not foresee", () => {
    const [announcement, ...lines] = proxy.output().trim().split("\n");
    expect(announcement).toBe(`RUNNING on ${proxy.url}`);
    const foreseen = (line: Readonly<Record<string, unknown>>): boolean =>
      line["code"] !== "internal" && ("route" in line || line["event"] === "unknown-server");
    expect(lines.filter((line) => !foreseen(JSON.parse(line)))).toEqual([]);
    expect(lines.filter((line) => JSON.parse(line).event === "unknown-server")).toHaveLength(1);
  });

  it("no key and no text of a document or query is in any message or log line", () => {
    expect(messages.length).toBeGreaterThan(40);
    for (const text of [...messages, proxy.output()])
      for (const secret of [masterKey, upstreamKey, "top secret", "confidential"]) expect(text).not.toContain(secret);
  });
});

const authorized = { authorization: `Bearer ${masterKey}` };

function configuration(
  upstreams: Readonly<Record<string, string>>,
  masterKeyLine = `master_key: ${masterKey}`,
): string {
  const entries = Object.entries(upstreams).map(
    ([name, url]) =>
      `  - model_name: "${name}"\n    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${url}", api_key: os.environ/UPSTREAM_KEY }`,
  );
  return `
model_list:
${entries.join("\n")}
router_settings:
  num_retries: 0
  disable_cooldowns: true
general_settings:
  max_request_size_mb: ${mostMegabytes}
  max_response_size_mb: ${mostMegabytes}
  ${masterKeyLine}
`;
}

function withHeaders(lines: string): string {
  return `POST /rerank HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${masterKey}\r\n${lines}\r\n\r\n`;
}

function commonHeaders(body: unknown): string {
  const length = Buffer.byteLength(JSON.stringify(body));
  return `host: localhost\r\nauthorization: Bearer ${masterKey}\r\ncontent-length: ${length}\r\n`;
}

function openMany(count: number): Promise<readonly RawConnection[]> {
  return Promise.all(Array.from({ length: count }, () => openConnection(proxy.url)));
}

/** Many clients say something in small pieces, and with each piece another client is served. */
async function trickle(slowly: string, afterwards: string, before = ""): Promise<void> {
  const slow = await openMany(50);
  for (const connection of slow) connection.say(before);
  for (const piece of slowly.match(/.{1,6}/gs) ?? []) {
    for (const connection of slow) connection.say(piece);
    await expectServed();
  }
  for (const connection of slow) connection.say(afterwards);
  for (const connection of slow) expect(await connection.hear('"results"')).toMatch(/^HTTP\/1.1 200 /);
  for (const connection of slow) connection.close();
}

async function expectServed(): Promise<void> {
  const { status, results } = await post(JSON.stringify(good));
  expect([status, results]).toEqual([200, ranking]);
}

/**
 * Reranks through an upstream that answers like this, and expects that it is reported as what it is.
 * @returns the message
 */
async function expectBadGateway(answer: RequestListener): Promise<string> {
  answerHostilely = answer;
  const { status, error } = await post(JSON.stringify({ ...good, model: "hostile" }));
  expect(status).toBe(502);
  return error?.message ?? "";
}

/** An upstream that knows no other path. */
function onlyRerank(answer: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url === "/rerank") answer(request, response);
    else response.writeHead(404).end();
  };
}

async function writeWithoutEnd(response: Parameters<RequestListener>[1]): Promise<void> {
  const chunk = '{"index":0,"score":1},'.repeat(1_000);
  while (!response.destroyed)
    if (!response.write(chunk)) await Promise.race([once(response, "drain"), once(response, "close")]);
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly results?: readonly unknown[];
  readonly error?: { readonly message: string; readonly code: string };
}

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = authorized,
): Promise<Answer> {
  const response = await fetch(`${proxy.url}/rerank`, { method: "POST", headers, body });
  const text = await response.text();
  if (!response.ok) messages.push(text);
  const { results, error } = JSON.parse(text);
  return { status: response.status, text, results, error };
}

/** Of an answer whose body is as long as its header says. */
function parse(answer: string): { readonly status: number; readonly body: string } {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), body };
}
