import { createFetch } from "ofetch";
import { type Dispatcher, Agent as UndiciAgent } from "undici";
import Agent from "undici/lib/dispatcher/agent.js";
import { describe, expect, it } from "vitest";

import { serveHttp } from "../../fixtures/serve-http.ts";
import { UpstreamHeaders } from "./upstream-headers.ts";
import { UpstreamResponse } from "./upstream-response.ts";

/** Makes an ofetch as core does, whose upstream answers with a `UpstreamResponse`. */
function ofetchWith(seen: (init: RequestInit) => void) {
  const headers = new UpstreamHeaders({ "content-type": "application/json" });
  return createFetch({
    Headers: UpstreamHeaders,
    fetch: async (_input, init = {}) => {
      seen(init);
      return new UpstreamResponse("http://upstream/", 200, "OK", headers, Buffer.from('{"score":1}'));
    },
  });
}

describe("the internals of ofetch that transport.ts relies on", () => {
  it("read the body of a response without a stream from _bodyInit", async () => {
    expect(await ofetchWith(() => {})("http://upstream/")).toEqual({ score: 1 });
  });

  it("make headers with the class that is given", async () => {
    let headers: unknown;
    await ofetchWith((init) => (headers = init.headers))("http://upstream/", { method: "POST", body: { query: "q" } });
    expect(headers).toBeInstanceOf(UpstreamHeaders);
    expect(headers).toMatchObject({ fields: { "content-type": "application/json", accept: "application/json" } });
  });

  it("keep the options object that fetch gets until the answer is read, so that what fetch puts there replaces the text", async () => {
    let given: unknown;
    let kept: unknown;
    const bytes = Buffer.from("replaced");
    await ofetchWith((init) => {
      given = init;
      init.body = bytes;
    })("http://upstream/", {
      method: "POST",
      body: { query: "q" },
      onResponse: ({ options }) => void (kept = options),
    });
    expect(kept).toBe(given);
    expect(kept).toMatchObject({ body: bytes });
  });
});

describe("the internals of undici that transport.ts and exchange.ts rely on", () => {
  it("have the agent in a file of its own", () => {
    expect(Agent).toBe(UndiciAgent);
  });

  it("call the methods of a handler in order, with lower-case headers and buffers", async () => {
    await using server = await serveHttp((_incoming, outgoing) => {
      outgoing.writeEarlyHints({ link: "</a>" });
      outgoing.writeHead(201, "Made", { "X-Two": ["a", "b"], "X-One": "c" }).end("body");
    });
    const calls = await dispatch(server.url);
    expect(calls).toEqual([
      ["onRequestStart"],
      ["onResponseStart", 103, expect.objectContaining({ link: "</a>" }), expect.anything()],
      ["onResponseStart", 201, expect.objectContaining({ "x-two": ["a", "b"], "x-one": "c" }), "Made"],
      ["onResponseData", Buffer.from("body")],
      ["onResponseEnd"],
    ]);
  });

  it("report the reason that an abort was given", async () => {
    await using server = await serveHttp(() => {});
    const reason = new Error("too late");
    expect(await dispatch(server.url, (controller) => setTimeout(() => controller.abort(reason), 10))).toEqual([
      ["onRequestStart"],
      ["onResponseError", reason],
    ]);
  });
});

/** Sends a GET through a new agent. @returns the names and arguments of the calls that undici made */
async function dispatch(
  origin: string,
  onStart: (controller: Dispatcher.DispatchController) => void = () => {},
): Promise<readonly (readonly unknown[])[]> {
  const agent = new Agent();
  const calls: unknown[][] = [];
  await new Promise<void>((resolve) => {
    agent.dispatch(
      { origin, path: "/", method: "GET" },
      {
        onRequestStart(controller) {
          calls.push(["onRequestStart"]);
          onStart(controller);
        },
        onResponseStart: (_controller, ...args) => void calls.push(["onResponseStart", ...args]),
        onResponseData: (_controller, chunk) => void calls.push(["onResponseData", chunk]),
        onResponseEnd() {
          calls.push(["onResponseEnd"]);
          resolve();
        },
        onResponseError(_controller, error) {
          calls.push(["onResponseError", error]);
          resolve();
        },
      },
    );
  });
  await agent.destroy();
  return calls;
}
