import { text } from "node:stream/consumers";

import { describe, expect, it, vi } from "vitest";

import { openSocket } from "../fixtures/raw-request.ts";
import { oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { type Answer, scoreByNumber, sendJson, startUpstream } from "../fixtures/start-upstream.ts";
import { hashKey } from "../access/hash-key.ts";

const small = { model: "bge", query: "q", documents: ["0.1 a"] };

describe("a request's body", () => {
  it("is not read when its key has no place for the request", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keys("max_parallel_requests: 1")) });
    const first = await announce(proxy.url, "sk-a", 15_000_000);
    await expect.poll(async () => (await post(proxy, "sk-a")).status).toBe(429);

    const second = await announce(proxy.url, "sk-a", 15_000_000);
    expect(await second.answer()).toMatch(/^HTTP\/1\.1 429 /);

    expect((await post(proxy, "sk-b")).status).toBe(200);
    first.socket.destroy();
    await expect.poll(async () => (await post(proxy, "sk-a")).status).toBe(200);
  });

  it("is not read when its key has used up its requests, of which refused ones count", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keys("rpm: 1")) });
    const invalid = await proxy.post("/rerank", "{", { authorization: "Bearer sk-a" });
    expect(invalid.status).toBe(400);
    expect(invalid.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    const { answer } = await announce(proxy.url, "sk-a", 15_000_000);
    expect(await answer()).toMatch(/^HTTP\/1\.1 429 /);
  });

  it("waits in its connection while others take the memory for bodies, and small ones go before it", async () => {
    const held = Promise.withResolvers<void>();
    await using upstream = await startUpstream(async (request) => {
      if (JSON.stringify(request.body).includes("held")) await held.promise;
      scoreByNumber(request);
    });
    await using proxy = await startProxy({
      yaml: oneModel(upstream.url, keys("", "max_request_memory_mb: 8")),
    });
    const large = JSON.stringify({ ...small, documents: [`0.2 held ${"x".repeat(5_000_000)}`] });
    const first = proxy.post("/rerank", large, { authorization: "Bearer sk-a" });
    await expect.poll(() => upstream.requests.length).toBe(1);

    const waiting = await announce(proxy.url, "sk-b", large.length);
    waiting.socket.write(large);
    for (let i = 0; i < 5; i++) expect((await post(proxy, "sk-b")).status).toBe(200);
    // What the two ends buffer is far below the size of the body, so it has not been read.
    expect(waiting.socket.writableLength).toBeGreaterThan(0);

    held.resolve();
    expect((await first).status).toBe(200);
    expect(await waiting.answer()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ["objects", `[${"{},".repeat(3_000_000)}{}]`, 413, "max_request_values"],
    ["lists in each other", "[".repeat(9_000_000), 400, "100 levels"],
  ])("is not made into a text when it holds too many %s, and the reason arrives", async (_, json, status, reason) => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keys("")) });
    const decode = vi.spyOn(TextDecoder.prototype, "decode");
    const body = `{"x":${json}`;
    for (const sent of [body, new Blob([body]).stream()]) {
      const init: RequestInit & { duplex: "half" } = { method: "POST", body: sent, duplex: "half" };
      const response = await fetch(`${proxy.url}/rerank`, { ...init, headers: { authorization: "Bearer sk-a" } });
      expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(reason)]);
    }
    const lengths = decode.mock.calls.map(([bytes]) => bytes?.byteLength ?? 0);
    expect(lengths.filter((length) => length > 1_000_000)).toEqual([]);
    decode.mockRestore();
  });

  it("of unknown length waits once it is no longer small", async () => {
    const held = Promise.withResolvers<void>();
    await using upstream = await startUpstream(async (request) => {
      if (JSON.stringify(request.body).includes("held")) await held.promise;
      scoreByNumber(request);
    });
    await using proxy = await startProxy({
      yaml: oneModel(upstream.url, keys("", "max_request_memory_mb: 8, max_request_size_mb: 6")),
    });
    const large = JSON.stringify({ ...small, documents: [`0.2 held ${"x".repeat(5_000_000)}`] });
    const first = proxy.post("/rerank", large, { authorization: "Bearer sk-a" });
    await expect.poll(() => upstream.requests.length).toBe(1);

    const pieces = (body: string): Promise<Response> => {
      const stream = new Blob([body]).stream();
      const init: RequestInit & { duplex: "half" } = { method: "POST", body: stream, duplex: "half" };
      return fetch(`${proxy.url}/rerank`, { ...init, headers: { authorization: "Bearer sk-b" } });
    };
    let isAnswered = false;
    const second = pieces(large).finally(() => (isAnswered = true));
    for (let i = 0; i < 5; i++) expect((await pieces(JSON.stringify(small))).status).toBe(200);
    expect([isAnswered, upstream.requests.length]).toEqual([false, 6]);

    held.resolve();
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(200);
  });
});

describe("chunks of long documents", () => {
  const long = Array.from({ length: 20_000 }, (_, word) => `word${word}`).join(" ");
  const chunked = { ...small, documents: [long], long_documents: "chunk_max", max_chunks_per_doc: 100 };

  it.each([
    ["dpm: 50", 400, "a minute of the key a"],
    ["max_documents: 50", 400, "may send at once"],
  ])("count as documents before they are scored: %s", async (limit, status, message) => {
    await using upstream = await startUpstream(scoreOnly);
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keys(limit)) });
    const response = await proxy.post("/rerank", chunked, { authorization: "Bearer sk-a" });
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(message)]);
    expect(upstream.requests.filter((body) => JSON.stringify(body).includes("texts"))).toEqual([]);
  });

  it("use up the documents of a minute", async () => {
    await using upstream = await startUpstream(scoreOnly);
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keys("dpm: 150")) });
    const send = (): Promise<Response> => proxy.post("/rerank", chunked, { authorization: "Bearer sk-a" });
    const first = await send();
    expect([first.status, first.headers.get("x-ratelimit-remaining-documents")]).toEqual([200, "50"]);
    expect((await send()).status).toBe(429);
  });

  it("are no more than the configuration allows", async () => {
    await using upstream = await startUpstream(scoreOnly);
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, keys("", "max_chunks_per_doc: 7")) });
    const response = await proxy.post("/rerank", chunked, { authorization: "Bearer sk-a" });
    expect(await response.json()).toMatchObject({
      meta: {
        warnings: expect.arrayContaining(["max_chunks_per_doc: 7 are the most that the operator allows"]),
      },
    });
  });
});

/** A server that does not count tokens. */
const scoreOnly: Answer = (request) =>
  request.incoming.url === "/rerank" ? scoreByNumber(request) : sendJson(request.outgoing, {}, {}, 404);

function keys(limit: string, more = ""): string {
  const own = limit === "" ? "" : `, ${limit}`;
  return `general_settings:
  ${more === "" ? "" : more.replaceAll(", ", "\n  ")}
  keys:
    - { name: a, key: "${hashKey("sk-a")}"${own} }
    - { name: b, key: "${hashKey("sk-b")}" }`;
}

function post(proxy: Awaited<ReturnType<typeof startProxy>>, key: string): Promise<Response> {
  return proxy.post("/rerank", small, { authorization: `Bearer ${key}` });
}

/** Sends the head of a request and nothing of its body. */
async function announce(
  url: string,
  key: string,
  bytes: number,
): Promise<{ readonly socket: Awaited<ReturnType<typeof openSocket>>; answer(): Promise<string> }> {
  const socket = await openSocket(url);
  socket.on("error", () => {});
  const answer = text(socket);
  socket.write(
    `POST /rerank HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\nconnection: close\r\ncontent-length: ${bytes}\r\n\r\n`,
  );
  return { socket, answer: () => answer };
}
