import { text } from "node:stream/consumers";

import type { Transport } from "@dheera-ai/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { serveHttp } from "../../fixtures/serve-http.ts";
import { type UpstreamAgent, createTransport, createUpstreamAgent } from "./transport.ts";

let agent: UpstreamAgent;
let transport: Transport;

beforeEach(() => {
  agent = createUpstreamAgent();
  transport = createTransport(agent, 1_000, {});
});
afterEach(() => agent.destroy());

describe("createTransport", () => {
  it("sends method, path, headers and body, and gives status, headers and body back", async () => {
    await using server = await serveHttp(async (incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const body = await text(incoming);
      outgoing
        .writeHead(201, "Made", { "Content-Type": "application/json", "X-Two": ["a", "b"] })
        .end(JSON.stringify({ method, url, headers, body }));
    });
    const response = await transport.fetch(`${server.url}/rerank?a=%20b`, {
      method: "POST",
      headers: { "X-Mine": "1" },
      body: "äöü",
    });
    expect([response.status, response.statusText, response.ok, response.headers.get("x-two")]).toEqual([
      201,
      "Made",
      true,
      "a, b",
    ]);
    expect(await response.json()).toMatchObject({
      method: "POST",
      url: "/rerank?a=%20b",
      headers: { "x-mine": "1", "user-agent": "dheera-ai", "content-length": "6" },
      body: "äöü",
    });
  });

  it("gives the body in every form that a Response offers", async () => {
    await using server = await serveHttp((_incoming, outgoing) => void outgoing.end("[1]"));
    const get = (): Promise<Response> => transport.fetch(server.url);
    expect(await (await get()).text()).toBe("[1]");
    expect(await (await get()).json()).toEqual([1]);
    expect(await (await get()).bytes()).toEqual(new TextEncoder().encode("[1]"));
    expect(new Uint8Array(await (await get()).arrayBuffer())).toEqual(new TextEncoder().encode("[1]"));
    expect(await (await (await get()).blob()).text()).toBe("[1]");
    expect(await (await get()).clone().text()).toBe("[1]");
  });

  it("keeps connections and uses them again", async () => {
    await using server = await serveHttp((_incoming, outgoing) => void outgoing.end("ok"));
    for (let i = 0; i < 20; i++) await transport.fetch(server.url);
    // Two connections take turns, because an answer is complete a moment before its connection is free.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it("follows no redirect", async () => {
    let visits = 0;
    await using elsewhere = await serveHttp((_incoming, outgoing) => {
      visits++;
      outgoing.end();
    });
    await using server = await serveHttp(
      (_incoming, outgoing) => void outgoing.writeHead(307, { location: elsewhere.url }).end(),
    );
    expect(
      (await transport.fetch(server.url, { method: "POST", headers: { authorization: "Bearer sk" }, body: "{}" }))
        .status,
    ).toBe(307);
    expect(visits).toBe(0);
  });

  it.each([
    ["announced", { "content-length": "1001" }],
    ["in pieces", {}],
  ])("refuses an answer that is too large (%s)", async (_name, headers) => {
    await using server = await serveHttp((_incoming, outgoing) => {
      outgoing.writeHead(200, headers);
      outgoing.write("x".repeat(500));
      outgoing.end("x".repeat(501));
    });
    await expect(transport.fetch(server.url)).rejects.toMatchObject({
      code: "provider_bad_response",
      message: expect.stringMatching(/larger than the 0.001 MB allowed .*general_settings.max_response_size_mb/),
    });
  });

  it("ends a call when its signal is aborted, with the signal's reason", async () => {
    const arrived = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    await using server = await serveHttp((incoming) => {
      incoming.socket.on("close", () => gone.resolve());
      arrived.resolve();
    });
    const controller = new AbortController();
    const call = transport.fetch(server.url, { signal: controller.signal });
    await arrived.promise;
    const reason = new Error("the client went away");
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await gone.promise;
  });

  it("sends nothing when its signal is already aborted", async () => {
    let visits = 0;
    await using server = await serveHttp((_incoming, outgoing) => {
      visits++;
      outgoing.end();
    });
    const reason = new Error("too late");
    await expect(transport.fetch(server.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(visits).toBe(0);
  });

  it("fails with the system's error when no server listens or the server dies", async () => {
    await expect(transport.fetch("http://127.0.0.1:9")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await using server = await serveHttp((incoming) => void incoming.socket.destroy());
    await expect(transport.fetch(server.url)).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
    await using dying = await serveHttp((_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-length": "10" });
      outgoing.write("half", () => outgoing.destroy());
    });
    await expect(transport.fetch(dying.url)).rejects.toThrow();
  });

  it("sends forms as well", async () => {
    await using server = await serveHttp(async (incoming, outgoing) => void outgoing.end(await text(incoming)));
    const response = await transport.fetch(server.url, { method: "POST", body: new URLSearchParams({ a: "1" }) });
    expect(await response.text()).toBe("a=1");
  });

  it("adds the headers of telemetry", async () => {
    await using server = await serveHttp((incoming, outgoing) => void outgoing.end(incoming.headers["traceparent"]));
    const traced = createTransport(agent, 1_000, { outgoingHeaders: () => ({ traceparent: "00-1-2-01" }) });
    expect(await (await traced.fetch(server.url)).text()).toBe("00-1-2-01");
  });
});
