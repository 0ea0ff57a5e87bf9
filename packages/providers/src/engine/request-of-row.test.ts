import type { ScoreCall } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { allRows } from "../rows/all-rows.ts";
import { fieldPath, readField } from "./field-path.ts";
import { requestOfRow, type RowBody } from "./request-of-row.ts";
import type { RowModel, RowRequest } from "./row.ts";

const asked = { provider: "p", label: "P", model: "m" };

function bodyOf(request: RowRequest, call: Partial<ScoreCall> = {}): RowBody {
  return requestOfRow(request, asked)({ query: "q", documents: ["a", "b"], params: {}, providerOptions: {}, ...call });
}

describe("the request of a row", () => {
  it("is model, query and documents where the row says nothing else", () => {
    expect(bodyOf({})).toEqual({ body: { model: "m", query: "q", documents: ["a", "b"] }, warnings: [] });
  });

  it("has other names, forms and constants, also in depth", () => {
    const request: RowRequest = {
      model: null,
      query: "input.query",
      query_form: "object",
      documents: "input.passages",
      document_form: "object",
      top_n: "parameters.top_n",
      constants: { "parameters.return_documents": false, kind: "text" },
    };
    expect(bodyOf(request).body).toEqual({
      input: { query: { text: "q" }, passages: [{ text: "a" }, { text: "b" }] },
      parameters: { top_n: 2, return_documents: false },
      kind: "text",
    });
  });

  it("has the query once for each document where the provider wants pairs", () => {
    expect(bodyOf({ model: null, query: "queries", query_form: "repeated" }).body).toEqual({
      queries: ["q", "q"],
      documents: ["a", "b"],
    });
  });

  it.each([
    [{ truncate: true }, "END"],
    [{ truncate: false }, "NONE"],
    [{}, undefined],
  ] as const)("says under the provider's words what happens to long documents: %j is %j", (params, value) => {
    const request: RowRequest = { truncate: { field: "truncate", cut: "END", refuse: "NONE" } };
    expect(bodyOf(request, { params }).body["truncate"]).toBe(value);
  });

  it("says it always where the provider's default is another one than ours", () => {
    const truncate = { field: "truncate", cut: "END", always: true };
    expect(bodyOf({ truncate }).body["truncate"]).toBe("END");
    expect(bodyOf({ truncate }, { params: { truncate: false } })).toMatchObject({
      body: { truncate: "END" },
      warnings: ["P has no truncate: false; it had no effect"],
    });
  });

  it("has the other parameters under the provider's names", () => {
    const request: RowRequest = {
      truncation_direction: "side",
      raw_scores: "raw",
      max_tokens_per_document: "options.max_tokens",
      instruction: "task",
      relevant_spans: "relevant_spans",
    };
    const params = {
      truncationDirection: "left",
      rawScores: true,
      maxTokensPerDocument: 9,
      instruction: "i",
      relevantSpans: { threshold: 0.2, maxSpans: 3 },
    } as const;
    expect(bodyOf(request, { params })).toEqual({
      body: {
        model: "m",
        query: "q",
        documents: ["a", "b"],
        side: "left",
        raw: true,
        options: { max_tokens: 9 },
        task: "i",
        relevant_spans: { mode: "enabled", threshold: 0.2, max_spans: 3 },
      },
      warnings: [],
    });
  });

  it("has the instruction before the query where the model reads it there", () => {
    const { body, warnings } = bodyOf({ instruction: "in_query" }, { params: { instruction: "prefer capitals" } });
    expect(body["query"]).toBe("prefer capitals\nq");
    expect(warnings).toEqual([]);
  });

  it("is without what the provider has not, and the caller is told", () => {
    const params = {
      truncate: false,
      truncationDirection: "left",
      rawScores: true,
      maxTokensPerDocument: 9,
      instruction: "i",
    } as const;
    expect(bodyOf({}, { params })).toEqual({
      body: { model: "m", query: "q", documents: ["a", "b"] },
      warnings: [
        "P has no truncate: false; it had no effect",
        "P has no truncation_direction: left; it had no effect",
        "P has no raw_scores: true; it had no effect",
        "P has no max_tokens_per_doc; it had no effect",
        "P has no instruction; it had no effect",
      ],
    });
  });

  it("has the options that the row names, and refuses any other", () => {
    const request: RowRequest = { options: ["latency", "user"] };
    expect(bodyOf(request, { providerOptions: { latency: "fast" } }).body).toMatchObject({ latency: "fast" });
    expect(() => bodyOf(request, { providerOptions: { query: "other" } })).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        param: "provider_options.p.query",
        message: "provider_options.p.query is not known; there is latency, user",
      }),
    );
  });
});

describe.each(allRows.map((defined) => [defined.row.name, defined] as const))("the request of %s", (_, { row }) => {
  const requests = [{}, ...(row.models ?? [])].map(({ request }: Partial<RowModel>) =>
    Object.assign({}, row.request, request),
  );

  it("holds every document once, in its place, and asks for none of them back", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...requests),
        fc.string(),
        fc.array(fc.string(), { minLength: 1 }),
        (request, query, documents) => {
          const { body } = bodyOf(request, { query, documents });
          const sent = readField(body, fieldPath(request.documents ?? "documents"));
          expect(sent).toEqual(request.document_form === "object" ? documents.map((text) => ({ text })) : documents);
          const text = JSON.stringify(body);
          expect(text).not.toMatch(/"return_(documents|input)":true/);
          expect(text.match(/"top_(n|k)":(\d+)/)?.[2] ?? String(documents.length)).toBe(String(documents.length));
        },
      ),
    );
  });
});
