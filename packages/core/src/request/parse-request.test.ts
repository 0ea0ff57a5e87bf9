import { describe, expect, it } from "vitest";

import { parseRequest } from "./parse-request.ts";

const minimal = { model: "m", query: "q", documents: ["a", "b"] };
const optionalFields =
  "top_n return_documents rank_fields max_tokens_per_doc max_chunks_per_doc long_documents truncate truncation_direction raw_scores normalize min_score instruction on_document_error cache timeout api_base api_key".split(
    " ",
  );

describe("parseRequest", () => {
  it("takes null for absent in every optional field", () => {
    const nulls = Object.fromEntries(optionalFields.map((name) => [name, null]));
    expect(parseRequest({ ...minimal, ...nulls })).toEqual(parseRequest(minimal));
  });

  it("takes booleans that clients send as texts", () => {
    expect(parseRequest({ ...minimal, return_documents: "true", truncate: "False" })).toMatchObject({
      returnDocuments: true,
      params: { truncate: false },
    });
  });

  it("takes a direction as clients of Text Embeddings Inference write it", () => {
    expect(parseRequest({ ...minimal, truncation_direction: "Left" })).toMatchObject({
      params: { truncationDirection: "left" },
    });
  });

  it("lets unknown fields through, with nothing but a warning", () => {
    expect({ ...parseRequest({ ...minimal, seed: 0, user: "u" }), warnings: [] }).toEqual(parseRequest(minimal));
  });

  it("cuts top_n to the number of documents", () => {
    expect(parseRequest({ ...minimal, top_n: 99 }).topN).toBe(2);
  });

  it.each([
    ["no object", "nonsense", undefined, "must be a JSON object"],
    ["nothing", {}, "model", "documents: is required"],
    ["a query of white space", { ...minimal, query: " \n" }, "query", "must not be empty"],
    ["no documents", { ...minimal, documents: [] }, "documents", "at least one"],
    ["documents that are no list", { ...minimal, documents: "a" }, "documents", "a list of texts"],
    ["a document of a wrong type", { ...minimal, documents: ["a", 7] }, "documents[1]", "must be a text or an object"],
    ["a document without fields", { ...minimal, documents: [{}] }, "documents[0]", "give it a text field"],
    [
      "a document of nulls, whatever rank_fields name",
      { ...minimal, documents: [{ a: null }], rank_fields: ["b"] },
      "documents[0]",
      "give it a text field",
    ],
    ["top_n of 0", { ...minimal, top_n: 0 }, "top_n", "at least 1"],
    ["top_n of 1.5", { ...minimal, top_n: 1.5 }, "top_n", "whole number"],
    ["a timeout of 0", { ...minimal, timeout: 0 }, "timeout", "at least 0.001"],
    ["a timeout of next to nothing", { ...minimal, timeout: 1e-320 }, "timeout", "at least 0.001"],
    ["an api_base that is no URL", { ...minimal, api_base: "here" }, "api_base", "must be a URL"],
    ["an unknown direction", { ...minimal, truncation_direction: "up" }, "truncation_direction", "left or right"],
    ["a query that is a number", { ...minimal, query: 3 }, "query", "query: must be a text"],
    ["a model that is a number", { ...minimal, model: 3 }, "model", "model: must be a text"],
    ["cache controls that are a text", { ...minimal, cache: "x" }, "cache", "cache: must be an object"],
    ["cache controls that are a list", { ...minimal, cache: [] }, "cache", "cache: must be an object"],
    [
      "rank_fields that are a text",
      { ...minimal, rank_fields: "text" },
      "rank_fields",
      "must be a list of field names",
    ],
    ["no rank_fields", { ...minimal, rank_fields: [] }, "rank_fields", "must name at least one field"],
    [
      "a field name that no body has",
      { ...minimal, rank_fields: ["a", "x".repeat(10_001)] },
      "rank_fields[1]",
      "of 10,000 characters at most",
    ],
    ["a field name that is none", { ...minimal, rank_fields: ["a", 1] }, "rank_fields[1]", "must be a text"],
    ["101 rank_fields", { ...minimal, rank_fields: names(101) }, "rank_fields", "101 fields are more than the 100"],
  ])("refuses %s, naming the field and the remedy", (_, input, param, message) => {
    expect(() => parseRequest(input)).toThrow(
      expect.objectContaining({ code: "invalid_request", param, message: expect.stringContaining(message) }),
    );
  });

  it("names all fields at fault at once", () => {
    expect(() => parseRequest({ ...minimal, query: "", top_n: -1 })).toThrow(/query: .*; top_n: /);
  });

  it("refuses more documents than allowed", () => {
    expect(() => parseRequest({ ...minimal, documents: ["a", "b", "c"] }, { maxDocuments: 2 })).toThrow(
      "3 documents are more than the 2 allowed",
    );
  });

  it.each(["documents", "rank_fields"])("looks at %s no further than the first mistake", (field) => {
    const list = watched(Array.from({ length: 100 }, () => 7));
    expect(() => parseRequest({ ...minimal, [field]: list.items })).toThrow(/^[^;]{1,100}$/);
    expect(list.seen()).toBeLessThan(10);
  });

  it.each(["documents", "rank_fields"])("looks at the length of %s first", (field) => {
    const list = watched(Array.from({ length: 10_001 }, () => "a"));
    expect(() => parseRequest({ ...minimal, [field]: list.items })).toThrow("are more than");
    expect(list.seen()).toBe(0);
  });

  it("names ten mistakes at most", () => {
    const fields = [...Object.keys(minimal), ...optionalFields];
    const wrong = Object.fromEntries(fields.map((name) => [name, ["wrong"]]));
    expect(() => parseRequest(wrong)).toThrow(/^([^;]+; ){10}and \d+ more mistakes$/);
  });

  it("refuses a destination where requests may not choose one", () => {
    const input = { ...minimal, api_base: "http://127.0.0.1:1" };
    expect(() => parseRequest(input, { allowDestination: false })).toThrow(
      "api_base: a request cannot choose the upstream",
    );
  });

  it("never repeats the input in a message", () => {
    expect(() =>
      parseRequest({ ...minimal, query: { secret: "words" }, api_key: 5, documents: [["secret"]] }),
    ).not.toThrow(/secret/);
  });
});

describe("rendering of documents", () => {
  const textsOf = (documents: unknown[], rank_fields?: string[]): readonly string[] =>
    parseRequest({ ...minimal, documents, rank_fields }).texts;

  it("scores the text of a record that has one", () => {
    expect(textsOf([{ text: "a", id: 1 }])).toEqual(["a"]);
  });

  it("scores rank_fields in the order they are named, whatever the order they were sent in", () => {
    expect(
      textsOf(
        [
          { body: "b", title: "t", x: 1 },
          { title: "t", body: "b" },
        ],
        ["title", "body"],
      ),
    ).toEqual(["title: t\nbody: b", "title: t\nbody: b"]);
  });

  it("gives a single field bare", () => {
    expect(textsOf([{ title: "t", body: "b" }], ["body"])).toEqual(["b"]);
  });

  it("renders a field once, however often it is named", () => {
    expect(textsOf([{ title: "t", body: "b" }], ["title", "title", "body", "title"])).toEqual(["title: t\nbody: b"]);
    expect(
      textsOf(
        [{ title: "t", body: "b" }],
        Array.from({ length: 100 }, () => "title"),
      ),
    ).toEqual(["t"]);
  });

  it("scores a record that has none of the rank_fields as without them, and says of how many", () => {
    const documents = [{ title: "t", text: "x" }, { text: "a", id: 1 }, { body: "b", title: null }, "bare"];
    expect(textsOf(documents, ["title"])).toEqual(["t", "a", "b", "bare"]);
    expect(parseRequest({ ...minimal, documents, rank_fields: ["title"] }).warnings).toEqual([
      "rank_fields: 2 of the documents have none of these fields and were ranked as without rank_fields",
    ]);
    expect(parseRequest({ ...minimal, documents: documents.slice(0, 2), rank_fields: ["title"] }).warnings).toEqual([
      "rank_fields: 1 of the documents has none of these fields and was ranked as without rank_fields",
    ]);
  });

  it("scores all fields of a record without text, nulls left out", () => {
    expect(textsOf([{ title: "t", year: 1999, tags: ["a", "b"], gone: null }])).toEqual([
      'title: t\nyear: 1999\ntags: ["a","b"]',
    ]);
  });
});

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => `field${position}`);
}

/** A list that counts how often its items are looked at. */
function watched(list: readonly unknown[]): { readonly items: readonly unknown[]; seen(): number } {
  let seen = 0;
  const items = new Proxy(list, {
    get(target, name, receiver): unknown {
      if (/^\d+$/.test(String(name))) seen++;
      return Reflect.get(target, name, receiver);
    },
  });
  return { items, seen: () => seen };
}

describe("half a surrogate pair", () => {
  it("becomes the replacement character in what is scored, and stays in the echoed document", () => {
    const half = `cut ${"😀".charAt(0)}`;
    const parsed = parseRequest({ model: "m", query: half, documents: [half, { text: half }], instruction: half });
    expect([parsed.query, ...parsed.texts, parsed.params.instruction]).toEqual(Array(4).fill("cut \uFFFD"));
    expect(parsed.documents).toEqual([half, { text: half }]);
  });
});
