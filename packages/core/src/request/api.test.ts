import { describe, expect, expectTypeOf, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { scriptedProvider } from "../fixtures/scripted-provider.ts";
import type { RerankResult, RerankResultWithDocument } from "./api.ts";

interface Product {
  readonly title: string;
  readonly text: string;
}

class Film {
  readonly #title: string;

  constructor(title: string) {
    this.#title = title;
  }

  get text(): string {
    return this.#title;
  }
}

describe("the documents of a request", () => {
  it("may be of the caller's own interface, and come back as they were sent", async () => {
    const documents: readonly Product[] = [{ title: "t", text: "a" }];
    const { results } = await dheera.rerank({ model, query, documents, return_documents: true });
    expectTypeOf(results).toEqualTypeOf<readonly RerankResultWithDocument<Product>[]>();
    expect(results[0]?.document).toBe(documents[0]);
  });

  it("may be objects of a class", async () => {
    const documents = [new Film("a")];
    const { results } = await dheera.rerank({ model, query, documents, return_documents: true });
    expectTypeOf(results).toEqualTypeOf<readonly RerankResultWithDocument<Film>[]>();
    expect(results[0]?.document).toBe(documents[0]);
  });

  it("come back as records when they are texts", async () => {
    const { results } = await dheera.rerank({ model, query, documents: ["a"], return_documents: true });
    expectTypeOf(results).toEqualTypeOf<readonly RerankResultWithDocument<{ readonly text: string }>[]>();
    expect(results[0]?.document).toEqual({ text: "a" });
  });

  it("may be missing in an answer that was not surely asked for them", async () => {
    const documents: readonly Product[] = [{ title: "t", text: "a" }];
    const { results } = await dheera.rerank({ model, query, documents });
    expectTypeOf(results).toEqualTypeOf<readonly RerankResult<Product>[]>();
    expect(results[0]?.document).toBeUndefined();
  });

  it("may be a list of texts or a list of records, not known which", async () => {
    const documents: readonly string[] | readonly Product[] = ["a"];
    const answer = dheera.rerank({ model, query, documents });
    await expect(answer).resolves.toMatchObject({ results: [{ index: 0 }] });
  });

  it("are no lists and no numbers", async () => {
    // @ts-expect-error a list is no document
    await expect(dheera.rerank({ model, query, documents: [["a"]] })).rejects.toMatchObject({ param: "documents[0]" });
    // @ts-expect-error a number is no document
    await expect(dheera.rerank({ model, query, documents: [1] })).rejects.toMatchObject({ param: "documents[0]" });
  });
});

const model = "scripted/m";
const query = "q";
const dheera = createDheera({ providers: [scriptedProvider()] });
