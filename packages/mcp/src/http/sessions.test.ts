import { DheeraError } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { serve } from "../testing/served.ts";
import type { HttpEndpoint } from "./http-endpoint.ts";

it("leaves a session free for another one when a client goes away during a call", async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  await using served = await serve({
    dheera: {
      rerank: (_, { signal }) => {
        asked.resolve(signal);
        return new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new DheeraError("cancelled", "the caller gave up"))),
        );
      },
    },
  });
  const endpoint = served.server.createHttpEndpoint({ sessions: 1 });
  const session = await begin(endpoint);
  const answer = await post(endpoint, call, session);
  const signal = await asked.promise;
  expect(await begin(endpoint)).toBeNull();
  const reader = answer.body?.getReader();
  const read = reader?.read();
  await reader?.cancel();
  await read;
  expect(await begin(endpoint)).not.toBeNull();
  expect(endpoint.sessions()).toBe(1);
  expect((await post(endpoint, list, session)).status).toBe(404);
  await expect.poll(() => signal.aborted).toBe(true);
  await endpoint.close();
});

it.each(["{", list(), "[]"])("ends no session for a request that begins none: %s", async (body) => {
  await using served = await serve();
  const endpoint = served.server.createHttpEndpoint({ sessions: 1 });
  const session = await begin(endpoint);
  expect((await post(endpoint, () => body)).status).toBe(400);
  expect((await post(endpoint, list, session)).status).toBe(200);
  await endpoint.close();
});

it("keeps no more sessions than may be when many begin together", async () => {
  await using served = await serve();
  const endpoint = served.server.createHttpEndpoint({ sessions: 3 });
  const begun = await Promise.all(Array.from({ length: 30 }, () => begin(endpoint)));
  expect(begun.filter((id) => id !== null)).toHaveLength(3);
  expect(endpoint.sessions()).toBe(3);
  expect(await begin(endpoint)).not.toBeNull();
  expect(endpoint.sessions()).toBe(3);
  await endpoint.close();
});

/** The id of the session that was begun; null where there was no room. */
async function begin(endpoint: HttpEndpoint): Promise<string | null> {
  const answer = await post(endpoint, initialize);
  expect([200, 503]).toContain(answer.status);
  await answer.text();
  return answer.headers.get("mcp-session-id");
}

function post(endpoint: HttpEndpoint, body: () => string, session: string | null = null): Promise<Response> {
  const headers = new Headers({
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...(session !== null && { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" }),
  });
  return endpoint.fetch(new Request("http://localhost/mcp", { method: "POST", body: body(), headers }));
}

function initialize(): string {
  const clientInfo = { name: "test", version: "1" };
  return message("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });
}

function list(): string {
  return message("tools/list", {});
}

function call(): string {
  return message("tools/call", { name: "rerank", arguments: { query: "q", documents: ["a"] } });
}

function message(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}
