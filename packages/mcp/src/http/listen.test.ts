import { type IncomingHttpHeaders, request } from "node:http";

import { describe, expect, it } from "vitest";

import type { RankDocuments } from "../options.ts";
import { type Era, serve, textOf } from "../testing/served.ts";

const key = "a-key-that-is-long-enough";
const authorization = `Bearer ${key}`;
const eras: readonly Era[] = ["legacy", "auto"];

describe("before its body has come, a request is answered", () => {
  it.each([
    ["without a key", "/mcp", {}, 401],
    ["with a wrong key", "/mcp", { authorization: "Bearer wrong" }, 401],
    ["under another name", "/mcp", { authorization, host: "evil.example" }, 403],
    ["of another site's page", "/mcp", { authorization, origin: "https://evil.example" }, 403],
    ["to another path", "/other", { authorization }, 404],
    ["to /health", "/health", {}, 404],
  ])("%s", async (_, path, headers, expected) => {
    await using served = await serve({}, { keys: [key], allowedHosts: ["127.0.0.1"] });
    const { status } = await answerTo(new URL(path, served.url), "POST", headers, 4_000_000);
    expect(status).toBe(expected);
    expect((await (await served.connect("auto", key)).listTools()).tools).toHaveLength(2);
  });
});

it.each(eras)("takes bodies of the size that the limits let a call have: %s", async (era) => {
  const rerank: RankDocuments = async ({ model }) => ({ id: "1", model, results: [], meta });
  await using served = await serve({ dheera: { rerank }, limits: { characters: 6_000_000 } });
  const client = await served.connect(era);
  const documents = Array.from({ length: 5 }, () => "x".repeat(1_000_000));
  const result = await client.callTool({ name: "rerank", arguments: { query: "q", documents } });
  expect(textOf(result)).toContain("of 5 documents");
});

describe("a page in a browser", () => {
  const origin = "https://app.example";

  it("of an allowed host may call: it hears so before its key is sent, and reads what it is answered", async () => {
    await using served = await serve({}, { keys: [key], allowedOrigins: ["app.example"] });
    const preflight = await answerTo(served.url, "OPTIONS", {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,mcp-protocol-version",
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, POST, DELETE",
      "access-control-allow-headers": "authorization,content-type,mcp-protocol-version",
      vary: expect.stringContaining("Origin"),
    });
    const begun = await served.send(initialize, { headers: { origin, authorization } });
    expect(begun.status).toBe(200);
    expect(begun.headers.get("mcp-session-id")).not.toBeNull();
    expect(begun.headers.get("access-control-allow-origin")).toBe(origin);
    expect(begun.headers.get("access-control-expose-headers")).toContain("Mcp-Session-Id");
    await begun.body?.cancel();
    const refused = await served.send(initialize, { headers: { origin } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
  });

  it("of another host hears no, and may read nothing", async () => {
    await using served = await serve({}, { keys: [key], allowedOrigins: ["other.example"] });
    for (const method of ["OPTIONS", "POST"]) {
      const { status, headers } = await answerTo(served.url, method, { origin, authorization });
      expect(status).toBe(403);
      expect(headers).not.toHaveProperty("access-control-allow-origin");
    }
  });
});

it.each(["/health", "/metrics"])("answers %s under its own names alone, where names are given", async (path) => {
  const metrics = { contentType: "text/plain", text: async () => "up 1\n" };
  await using named = await serve({}, { allowedHosts: ["127.0.0.1"], metrics });
  await using nameless = await serve({}, { metrics });
  const asked = async (base: URL, headers: Record<string, string>): Promise<number | undefined> =>
    (await answerTo(new URL(path, base), "GET", headers)).status;
  expect(await asked(named.url, {})).toBe(200);
  expect(await asked(named.url, { host: "evil.example" })).toBe(403);
  expect(await asked(named.url, { origin: "https://evil.example" })).toBe(403);
  expect(await asked(nameless.url, { host: "any.example" })).toBe(200);
});

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});
const meta = { api_version: { version: "2", is_experimental: false }, billed_units: {} } as const;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** `fetch` lets nobody choose these headers. Of a body of `bytes`, one is sent. */
function answerTo(url: URL, method: string, headers: Record<string, string>, bytes = 0): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, ...(bytes > 0 && { "content-length": bytes }) } });
    sent.on("error", reject);
    sent.on("response", (answer) => {
      answer.on("end", () => {
        sent.destroy();
        resolve({ status: answer.statusCode, headers: answer.headers });
      });
      answer.resume();
    });
    if (bytes > 0) sent.write("{");
    else sent.end();
  });
}
