import { describe, expect, it, vi } from "vitest";

import type { HttpRequest } from "../contract.ts";
import { closedAddress, type Reply, type ScriptedServer, withServer } from "../contract-suite/scripted-server.ts";
import { isHttpError } from "./http-error.ts";
import { createHttp } from "./http.ts";

const http = createHttp();

describe("a request", () => {
  it("is a GET without a body and a POST with one, unless it says otherwise", async () => {
    expect((await sent()).method).toBe("GET");
    expect((await sent({ body: {} })).method).toBe("POST");
    expect((await sent({ method: "PUT", body: {} })).method).toBe("PUT");
  });

  it("carries objects as JSON, and texts as they are", async () => {
    class Named {
      readonly name = "acme";
    }
    for (const body of [{ name: "acme" }, new Named(), { toJSON: () => ({ name: "acme" }) }])
      expect(await sent({ body })).toMatchObject({
        body: { name: "acme" },
        headers: { "content-type": "application/json", accept: "application/json" },
      });
    expect((await sent({ body: [1, 2] })).text).toBe("[1,2]");
    expect(
      await sent({ body: "a=1&b=2", headers: { "content-type": "application/x-www-form-urlencoded" } }),
    ).toMatchObject({ text: "a=1&b=2", headers: { "content-type": "application/x-www-form-urlencoded" } });
  });

  it("carries its headers, and those of the deployment that it does not name itself", async () => {
    const configured = createHttp(undefined, { "X-Team": "search", Accept: "text/plain" });
    await withServer(
      () => ({ body: {} }),
      async ({ url, requests }) => {
        await configured.json(url, { headers: { accept: "application/json", authorization: "Bearer key" } });
        expect(requests[0]?.headers).toMatchObject({
          "x-team": "search",
          accept: "application/json",
          authorization: "Bearer key",
        });
      },
    );
  });
});

describe("an answer", () => {
  it.each([
    { what: "JSON", headers: undefined, body: { a: 1 }, read: { a: 1 } },
    {
      what: "JSON under another content type",
      headers: { "content-type": "text/plain" },
      body: '{"a":1}',
      read: { a: 1 },
    },
    { what: "a page", headers: { "content-type": "text/html" }, body: "<p>hello", read: "<p>hello" },
    {
      what: "bytes of no known kind",
      headers: { "content-type": "application/octet-stream" },
      body: "hello",
      read: "hello",
    },
    { what: "broken JSON", headers: undefined, body: '{"a":', read: '{"a":' },
  ])("is read: $what", async ({ headers, body, read }) => {
    await on({ ...(headers && { headers }), body }, async ({ url }) => expect(await http.json(url)).toEqual(read));
  });

  it("of a refusal is an error, or an answer like any other where the provider reads it itself", async () => {
    const refusal = { status: 422, headers: { "retry-after": "7" }, body: { error: "no" } };
    await on(refusal, async ({ url }) => {
      const failure = await failureOf(http.json(url));
      expect(failure).toMatchObject({ name: "HttpError", message: "HTTP 422", status: 422, body: { error: "no" } });
      expect(isHttpError(failure) && failure.headers.get("Retry-After")).toBe("7");
      const answer = await http.request(url);
      expect(answer).toMatchObject({ status: 422, body: { error: "no" } });
      expect(answer.headers.get("Retry-After")).toBe("7");
    });
  });
});

describe("an answer that holds more than was asked for", () => {
  const hostile = {
    "30 MB of lists in each other": "[".repeat(30_000_000),
    "30 MB of lists in each other, closed": "[".repeat(15_000_000) + "]".repeat(15_000_000),
    "long names of fields": `{${Array.from({ length: 100 }, (_, number) => `"${"x".repeat(16_384)}${number + 100}":1`).join()}}`,
    "30 MB of objects": `[${"{},".repeat(10_000_000)}{}]`,
  };

  it.each(Object.entries(hostile))("is not parsed: %s", async (_, body) => {
    const parse = vi.spyOn(JSON, "parse");
    await on({ body }, async ({ url }) => {
      parse.mockClear();
      const failure = await failureOf(http.json(url, { body: { texts: ["a"] } }));
      expect(failure).toMatchObject({ code: "provider_bad_response", message: expect.stringContaining("more values") });
      expect(parse.mock.calls.map(([text]) => text.length).filter((length) => length > 1_000)).toEqual([]);
    });
    parse.mockRestore();
  });

  it("of a refusal is a text, because its status says what matters", async () => {
    const body = `[${"{},".repeat(100_000)}{}]`;
    await on({ status: 429, body }, async ({ url }) => {
      expect(await failureOf(http.json(url))).toMatchObject({ name: "HttpError", status: 429, body });
      expect(await http.request(url)).toMatchObject({ status: 429, body });
    });
  });

  it("is an answer like any other where that many documents were sent", async () => {
    const row = { index: 1, relevance_score: 0.5, document: { text: "a", id: 1, tags: ["b"] } };
    const rows = Array.from({ length: 8_000 }, () => row);
    await on({ body: rows }, async ({ url }) => {
      for (const body of [{ texts: rows }, { inputs: { sentences: rows } }, rows, JSON.stringify(rows)])
        expect(await http.json(url, { body })).toHaveLength(rows.length);
      expect(await failureOf(http.json(url, { body: { texts: ["a"] } }))).toMatchObject({
        code: "provider_bad_response",
      });
    });
  });
});

describe("a request without an answer ends with", () => {
  it("an HttpError without a status where nothing listens or the connection breaks", async () => {
    for (const send of [http.json, http.request])
      expect(await failureOf(send(closedAddress))).toMatchObject({
        name: "HttpError",
        status: undefined,
        message: "no answer came",
      });
    for (const fault of ["reset", "die in the body"] as const)
      await on({ fault }, async ({ url }) =>
        expect(await failureOf(http.json(url))).toMatchObject({ name: "HttpError", status: undefined }),
      );
  });

  it("the signal's reason where it aborts, before and after the headers", async () => {
    const reason = new Error("the caller went away");
    for (const fault of ["hang", "hang in the body"] as const)
      await on({ fault }, async ({ url, faulted }) => {
        const controller = new AbortController();
        const failure = failureOf(http.json(url, { signal: controller.signal }));
        await faulted;
        controller.abort(reason);
        expect(await failure).toBe(reason);
      });
  });

  it("the provider's own error where it asks for what cannot be sent", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const impossible: readonly HttpRequest[] = [
      { body: circular },
      { body: { count: 1n } },
      { headers: { "not a name": "" } },
    ];
    await on({ body: {} }, async ({ url }) => {
      for (const request of impossible) expect(await failureOf(http.json(url, request))).toBeInstanceOf(TypeError);
    });
  });

  it("an HttpError for an address that is none: api_base is the configuration's", async () => {
    expect(await failureOf(http.json("localhost:80:80/rerank"))).toMatchObject({ name: "HttpError" });
  });

  it("a refusal to follow a redirect", async () => {
    await on({ status: 307, headers: { location: "http://127.0.0.1:9" }, body: "" }, async ({ url }) =>
      expect(await failureOf(http.json(url))).toMatchObject({ code: "provider_failed" }),
    );
  });
});

function on(reply: Reply, run: (server: ScriptedServer) => Promise<void>): Promise<void> {
  return withServer(() => reply, run);
}

function sent(request?: HttpRequest): Promise<ScriptedServer["requests"][number]> {
  return withServer(
    () => ({ body: {} }),
    async ({ url, requests }) => {
      await http.json(url, request);
      const [only] = requests;
      if (!only) throw new Error("no request arrived");
      return only;
    },
  );
}

function failureOf(outcome: Promise<unknown>): Promise<unknown> {
  return outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
}
