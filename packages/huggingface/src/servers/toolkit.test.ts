import { describe, expect, test } from "vitest";

import { connect, failureOf, never, score } from "../testing/connect.ts";
import { notFound, serve, type Server } from "../testing/serve.ts";

const documents = ["alpha", "beta"];
const endpoint = "https://abc.us-east-1.aws.endpoints.huggingface.cloud";
const query = "What is the capital of the United States?";

/** The toolkit knows `POST /` alone; every error is 400. */
function toolkit(answer: (inputs: unknown) => unknown): Promise<Server> {
  return serve(({ method, path, body }) => {
    if (method !== "POST" || path !== "/") return notFound;
    const inputs = typeof body === "object" && body !== null && "inputs" in body ? body.inputs : undefined;
    const output = answer(inputs);
    return output === undefined
      ? { status: 400, body: { error: "TextClassificationPipeline got an unexpected input" } }
      : { body: output };
  });
}

const isObject = (value: unknown, key: string): boolean => typeof value === "object" && value !== null && key in value;

describe("the Inference Toolkit of an Inference Endpoint", () => {
  test("is detected by trying one tiny pair, and asked by the recipe that worked", async () => {
    await using server = await toolkit((inputs) =>
      isObject(inputs, "texts")
        ? [
            { index: 1, score: 3.5 },
            { index: 0, score: -2 },
          ]
        : undefined,
    );
    const scorer = connect({ apiBase: endpoint, insteadOfHuggingFace: server.url });
    expect(await scorer.profile(never)).toMatchObject({
      scoreKind: "unknown",
      server: "huggingface-inference-toolkit (text-ranking)",
    });
    expect((await score(scorer, documents)).scores).toEqual([
      { index: 1, score: 3.5 },
      { index: 0, score: -2 },
    ]);
    expect(server.received.at(-1)?.body).toEqual({ inputs: { query, texts: documents } });
    expect(server.asked).toEqual(["GET /info", "GET /v1/models", "GET /models", "POST /", "POST /"]);
  });

  test("of an older version answers pairs with { scores }", async () => {
    await using server = await toolkit((inputs) =>
      Array.isArray(inputs) ? { scores: inputs.map((_, index) => index / 2) } : undefined,
    );
    const scorer = connect({ apiBase: endpoint, insteadOfHuggingFace: server.url });
    expect((await score(scorer, documents)).scores).toEqual([
      { index: 0, score: 0 },
      { index: 1, score: 0.5 },
    ]);
    expect(server.received.at(-1)?.body).toEqual({
      inputs: documents.map((document) => ({ text: query, text_pair: document })),
    });
  });

  test("with an embedding model answers with { similarities }", async () => {
    await using server = await toolkit((inputs) =>
      isObject(inputs, "sentences") ? { similarities: [0.25, -0.5] } : undefined,
    );
    const scorer = connect({ apiBase: endpoint, insteadOfHuggingFace: server.url });
    expect(await scorer.profile(never)).toMatchObject({ scoreKind: "cosine" });
    expect((await score(scorer, documents)).scores).toEqual([
      { index: 0, score: 0.25 },
      { index: 1, score: -0.5 },
    ]);
  });

  test("can be named, and is then sent no other requests", async () => {
    await using server = await toolkit(() => [{ index: 0, score: 0.5 }]);
    await score(connect({ apiBase: server.url, options: { server: "toolkit" } }), ["alpha"]);
    expect(server.asked).toEqual(["POST /", "POST /"]);
  });
});

test("an address without a reranker is refused with advice", async () => {
  await using server = await serve(() => notFound);
  const failure = await failureOf(score(connect({ apiBase: server.url }), documents));
  expect(failure.code).toBe("provider_failed");
  expect(failure.message).toContain("no way to rerank was found at api_base");
  expect(failure.message).toContain("`server`");
});
