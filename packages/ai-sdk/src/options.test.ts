import { InvalidArgumentError, type JSONObject } from "@ai-sdk/provider";
import { rerank } from "ai";
import { describe, expect, it } from "vitest";

import { dheera, type DheeraRerankingOptions } from "./index.ts";

const query = "cat";
const documents = ["the dog", "the cat", "the horse"];
const model = dheera("bm25/default");

describe("providerOptions.dheera", () => {
  it("are fields of the library's request", async () => {
    const options = { min_score: 0.1, explain: true } satisfies DheeraRerankingOptions;
    const { ranking, providerMetadata } = await rerank({
      model,
      query,
      documents,
      providerOptions: { dheera: options },
    });
    expect(ranking).toHaveLength(1);
    expect(providerMetadata?.["dheera"]).toHaveProperty("explain");
  });

  it.each([
    [{ rankFields: ["a"] }, "providerOptions.dheera.rankFields", "did you mean rank_fields?"],
    [{ colour: "red" }, "providerOptions.dheera.colour", "the options are rank_fields, "],
    [{ top_n: 3 }, "providerOptions.dheera.top_n", "is the argument topN of rerank"],
    [{ api_key: "sk-secret" }, "providerOptions.dheera.api_key", "is apiKey of createDheeraAI"],
    [{ ["x".repeat(100)]: 1 }, "providerOptions.dheera.…", "is no option"],
    [{ min_score: "high" }, "providerOptions.dheera.min_score", "must be a number"],
    [{ rank_fields: ["a", 1] }, "providerOptions.dheera.rank_fields[1]", "must be a text"],
    [{ cache: { ttl: 0 } }, "providerOptions.dheera.cache.ttl", "must be at least"],
  ] as const)("refuse %j by its name", async (options, argument, message) => {
    const error = await refusalOf(options);
    expect(error.argument).toBe(argument);
    expect(error.message).toContain(message);
    expect(error.message.startsWith(`${argument}: `)).toBe(true);
    expect(error.message).not.toContain("sk-secret");
  });

  it("have to be an object", async () => {
    for (const text of ["[1]", "[]", '"rank_fields"']) {
      const error = await refusalOf(JSON.parse(text));
      expect(error.argument).toBe("providerOptions.dheera");
    }
  });

  it("of another provider do not matter", async () => {
    const { ranking } = await rerank({ model, query, documents, providerOptions: { cohere: { priority: 1 } } });
    expect(ranking).toHaveLength(3);
  });
});

describe("what is no option", () => {
  it.each([
    [{ topN: 0 }, "topN"],
    [{ query: " " }, "query"],
    [{ documents: ["a", {}] }, "documents[1]"],
  ] as const)("is refused as an argument: %j", async (wrong, argument) => {
    const call = { model, query, documents: [...documents], ...wrong };
    const asked = rerank({ ...call, documents: [...call.documents] });
    await expect(asked).rejects.toMatchObject({ name: "AI_InvalidArgumentError", argument });
    await expect(asked).rejects.toThrow(argument);
  });

  it("is warned of where it has no effect: headers in this process", async () => {
    const { warnings } = await model.doRerank({
      query,
      documents: { type: "text", values: documents },
      headers: { "x-team": "search" },
    });
    expect(warnings).toEqual([{ type: "unsupported", feature: "headers", details: expect.any(String) }]);
  });
});

async function refusalOf(options: JSONObject): Promise<InvalidArgumentError> {
  const error: unknown = await rerank({ model, query, documents, providerOptions: { dheera: options } }).catch(
    (failure: unknown) => failure,
  );
  if (!InvalidArgumentError.isInstance(error)) throw error;
  return error;
}
