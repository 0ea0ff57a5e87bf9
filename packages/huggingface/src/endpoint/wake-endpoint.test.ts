import { describe, expect, test } from "vitest";

import { connect, failureOf, never, score } from "../testing/connect.ts";
import { type Reply, serve } from "../testing/serve.ts";
import { teiAnswers } from "../testing/tei.ts";

const apiBase = "https://abc.us-east-1.aws.endpoints.huggingface.cloud";

describe("an Inference Endpoint that scaled to zero", () => {
  test("is reported as starting from the first request on", async () => {
    await using server = await serve(() => ({ status: 503, body: "Service Unavailable" }));
    const failure = await failureOf(score(connect({ apiBase, insteadOfHuggingFace: server.url }), ["one"]));
    expect(failure).toMatchObject({ code: "provider_starting", retryable: true });
    expect(server.asked).toEqual(["GET /info"]);
  });

  test("is woken by a request that its proxy holds until it serves", async () => {
    await using server = await serve((request) => {
      if (request.path === "/health")
        return request.headers["x-scale-up-timeout"] === "240" ? { body: "" } : { status: 503, body: "" };
      return teiAnswers()(request);
    });
    const scorer = connect({ apiBase, insteadOfHuggingFace: server.url, apiKey: "hf_key" });
    await scorer.wake?.(never);
    expect(server.asked).toEqual(["GET /health"]);
    expect(server.received[0]?.headers["authorization"]).toBe("Bearer hf_key");
  });

  test("is asked again while its proxy does not hold the request", async () => {
    const replies: Reply[] = [
      { status: 503, headers: { "retry-after": "0" }, body: "" },
      { status: 404, body: "" },
    ];
    await using server = await serve(() => replies.shift() ?? { status: 500, body: "" });
    await connect({ apiBase, insteadOfHuggingFace: server.url }).wake?.(never);
    expect(server.asked).toEqual(["GET /health", "GET /health"]);
  });

  test("stops being woken when it refuses for another reason", async () => {
    await using server = await serve(() => ({ status: 401, body: "" }));
    const waking = connect({ apiBase, insteadOfHuggingFace: server.url }).wake?.(never);
    expect(await failureOf(waking ?? Promise.resolve())).toMatchObject({ code: "provider_auth" });
  });

  test("stops being woken when the caller gives up", async () => {
    const controller = new AbortController();
    await using server = await serve(() => {
      controller.abort(new Error("gone"));
      return { status: 503, body: "" };
    });
    await expect(connect({ apiBase, insteadOfHuggingFace: server.url }).wake?.(controller.signal)).rejects.toThrow();
  });
});

test("only Inference Endpoints are woken", () => {
  expect(connect({ apiBase: "http://127.0.0.1:1" }).wake).toBeUndefined();
  expect(connect({}).wake).toBeUndefined();
});
