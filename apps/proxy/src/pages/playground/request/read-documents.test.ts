import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readDocuments } from "./read-documents.ts";

describe("readDocuments", () => {
  it("takes one text a line, and no empty lines", () => {
    expect(readDocuments("one\n\n  two\n")).toEqual(["one", "  two"]);
  });

  it("takes a JSON list of texts and objects", () => {
    expect(readDocuments(' ["one", { "text": "two" }] ')).toEqual(["one", { text: "two" }]);
  });

  it("takes one JSON object a line", () => {
    expect(readDocuments('{"text":"one"}\n\n{"title":"two"}')).toEqual([{ text: "one" }, { title: "two" }]);
  });

  it("takes lines that only begin like JSON as texts", () => {
    expect(readDocuments("[1] A footnote.\n{} is an empty object in many languages.\nText.")).toHaveLength(3);
  });

  it("finds no document in nothing", () => {
    expect(readDocuments(" \n ")).toEqual([]);
  });

  it.each([
    ["a list that is not JSON", "[one, two]", "begin like a JSON list"],
    ["an object that is not JSON", '{"text":"one"}\n{text}', "Line 2 begins like a JSON object"],
    ["a number among documents", '["one", 2]', "Document 2 must be a text or an object"],
  ])("says what is wrong with %s", (_, typed, message) => {
    expect(() => readDocuments(typed)).toThrow(message);
  });

  it("reads back any list of documents written as JSON, pretty or not", () => {
    const documents = fc.array(fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.jsonValue())));
    fc.assert(
      fc.property(documents, fc.constantFrom(0, 2), (list, indent) => {
        expect(readDocuments(JSON.stringify(list, null, indent))).toEqual(JSON.parse(JSON.stringify(list)));
      }),
    );
  });
});
