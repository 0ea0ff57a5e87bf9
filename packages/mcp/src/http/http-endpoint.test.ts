import { request } from "node:http";

import { describe, expect, it } from "vitest";

import { serve } from "../testing/served.ts";

const key = "a-key-that-is-long-enough";
const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});
const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list", params: {} });

describe("who may ask", () => {
  it.each(["legacy", "auto"] as const)("is who has a key, where there are keys: %s", async (era) => {
    await using served = await serve({}, { keys: ["another-key-of-the-same", key] });
    const wrong: readonly Record<string, string>[] = [
      {},
      { authorization: "Bearer wrong" },
      { authorization: `Basic ${key}` },
      { authorization: key },
    ];
    for (const headers of wrong) {
      const answer = await served.send(initialize, { headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(await answer.text()).not.toContain(key);
    }
    await expect(served.connect(era)).rejects.toThrow();
    const client = await served.connect(era, key);
    expect((await client.listTools()).tools).toHaveLength(2);
  });

  it("is no page of another site, and nobody who calls this server by another name", async () => {
    const here = ["localhost", "127.0.0.1"];
    await using served = await serve({}, { allowedHosts: here, allowedOrigins: ["app.example"] });
    const asked = (headers: HeadersInit) => status(served.send(initialize, { headers }));
    expect(await asked({ origin: "https://evil.example" })).toBe(403);
    expect(await asked({ origin: "null" })).toBe(403);
    expect(await asked({ origin: "https://app.example" })).toBe(200);
    expect(await asked({})).toBe(200);
    expect(await statusWithHost(served.url, "evil.example")).toBe(403);
    expect(await statusWithHost(served.url, `localhost:${served.url.port}`)).toBe(200);
  });
});

describe("a session of a client of 2025", () => {
  it("is begun by initialize alone, and ended by DELETE", async () => {
    await using served = await serve();
    expect((await served.send(list)).status).toBe(400);
    expect((await served.send(undefined, { method: "GET" })).status).toBe(400);
    expect((await served.send(undefined, { method: "DELETE" })).status).toBe(400);
    expect(served.sessions()).toBe(0);
    const session = await begin(served);
    expect(served.sessions()).toBe(1);
    expect((await served.send(list, session)).status).toBe(200);
    expect((await served.send(undefined, { method: "DELETE", ...session })).status).toBe(200);
    expect(served.sessions()).toBe(0);
    expect((await served.send(list, session)).status).toBe(404);
  });

  it("has a stream on which it listens", async () => {
    await using served = await serve();
    const session = await begin(served);
    const stream = await served.send(undefined, { method: "GET", ...session });
    expect([stream.status, stream.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const reader = stream.body?.getReader();
    // The first bytes are not the sign of life that comes after seconds.
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(": listening\n\n");
    await reader?.cancel();
    // Gone, it leaves its place to the next one: there may be one of them.
    await expect.poll(() => status(served.send(undefined, { method: "GET", ...session }))).toBe(200);
  });

  it("ends when it has been idle for long", async () => {
    await using served = await serve({}, { sessionSeconds: 1 });
    const session = await begin(served);
    await expect.poll(() => served.sessions()).toBe(0);
    expect((await served.send(list, session)).status).toBe(404);
  });

  it("makes room for another one when there are as many as may be: the one that was used longest ago", async () => {
    await using served = await serve({}, { sessions: 2 });
    const [first, second] = [await begin(served), await begin(served)];
    expect(await status(served.send(list, first))).toBe(200);
    const third = await begin(served);
    expect(served.sessions()).toBe(2);
    expect(await status(served.send(list, second))).toBe(404);
    expect(await status(served.send(list, first))).toBe(200);
    expect(await status(served.send(list, third))).toBe(200);
  });

  it("is of the key that began it", async () => {
    const other = "another-key-of-the-same";
    await using served = await serve({}, { keys: [key, other] });
    const { headers } = await begin(served, { authorization: `Bearer ${key}` });
    expect(await status(served.send(list, { headers: { ...headers, authorization: `Bearer ${other}` } }))).toBe(404);
    expect(await status(served.send(list, { headers }))).toBe(200);
  });
});

describe("what no client sends", () => {
  it.each([
    ["no JSON", "{", 400],
    ["half of a character", Buffer.from([0x7b, 0x22, 0xe2, 0x82]), 400],
    ["no message", '{"jsonrpc":"1.0"}', 400],
    ["nothing", "", 400],
    ["a list of nothing", "[]", 400],
  ])("is refused: %s", async (_, body, expected) => {
    await using served = await serve();
    const answer = await fetch(served.url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    });
    expect(answer.status).toBe(expected);
    expect(await answer.text()).not.toMatch(/node_modules|\.ts|\.js/);
    expect((await (await served.connect()).listTools()).tools).toHaveLength(2);
  });

  it("is refused before it is read: more bytes than the characters of a call may have", async () => {
    await using served = await serve({ limits: { characters: 1_000 } });
    const answer = await served.send(" ".repeat(1_100_000) + initialize);
    expect(answer.status).toBe(413);
    expect(served.sessions()).toBe(0);
  });

  it("is answered in the protocol: methods and tools that there are not", async () => {
    await using served = await serve();
    const client = await served.connect("legacy");
    await expect(client.callTool({ name: "delete_everything", arguments: {} })).rejects.toThrow(/not found/);
    const session = await begin(served);
    const answer = await served.send('{"jsonrpc":"2.0","id":3,"method":"no/such","params":{}}', session);
    expect(await answer.text()).toContain("-32601");
  });
});

it("answers /health without a key, and 404 elsewhere", async () => {
  await using served = await serve({}, { keys: [key] });
  const health = await fetch(new URL("/health", served.url));
  expect([health.status, await health.json()]).toEqual([200, { status: "healthy", sessions: 0 }]);
  expect((await fetch(new URL("/", served.url))).status).toBe(404);
});

async function begin(
  { send }: Pick<Awaited<ReturnType<typeof serve>>, "send">,
  headers: Record<string, string> = {},
): Promise<{ readonly headers: Record<string, string> }> {
  const answer = await send(initialize, { headers });
  const text = await answer.text();
  const id = answer.headers.get("mcp-session-id");
  if (id === null) throw new Error(`no session: ${answer.status} ${text}`);
  return { headers: { ...headers, "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" } };
}

async function status(answer: Promise<Response>): Promise<number> {
  const { status: code, body } = await answer;
  await body?.cancel();
  return code;
}

/** `fetch` lets nobody choose the name. */
function statusWithHost(url: URL, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, "content-type": "application/json", accept: "application/json, text/event-stream" };
    const sent = request(url, { method: "POST", headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on("error", reject);
    sent.end(initialize);
  });
}
