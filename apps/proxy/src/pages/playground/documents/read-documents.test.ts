import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readDocuments } from "./read-documents.ts";
import { writeDocuments } from "./write-documents.ts";

describe("readDocuments", () => {
  it("takes one text a line, and no empty lines", () => {
    expect(readDocuments("one\n\n  two\r\n")).toEqual({ documents: ["one", "  two"] });
  });

  it("takes a JSON list of texts and objects", () => {
    expect(readDocuments(' ["one", { "text": "two" }] ')).toEqual({ documents: ["one", { text: "two" }] });
  });

  it("takes one JSON object a line", () => {
    expect(readDocuments('{"text":"one"}\n\n{"title":"two"}')).toEqual({
      documents: [{ text: "one" }, { title: "two" }],
    });
  });

  it.each([
    ["[1] A footnote.\n{} is an empty object in many languages.\nText.", 1],
    ["Text.\n{} is an empty object in many languages.", 2],
  ])("takes lines that only begin like JSON as texts, and says so", (typed, line) => {
    const { documents, note } = readDocuments(typed);
    expect(documents).toEqual(typed.split("\n"));
    expect(note).toBe(`line ${line} begins like JSON; each line is taken as a text`);
  });

  it("finds no document in nothing", () => {
    expect(readDocuments(" \n ")).toEqual({ documents: [] });
  });

  it.each([
    ["a list that is not JSON", "[one, two]", "begin like a JSON list"],
    ["a list without its end", "[1,2", "“]” is missing; choose “One a line”"],
    ["a list without its end, over lines", '[\n"one",\n', "“]” is missing"],
    ["an object that is not JSON", '{"text":"one"}\n\n{text}', "Line 3 is not valid JSON"],
    ["a number among documents", '["one", 2]', "Document 2 must be a text or an object"],
  ])("says what is wrong with %s", (_, typed, message) => {
    expect(() => readDocuments(typed)).toThrow(message);
  });

  it("takes every line as a text where the user says so, and nothing but JSON likewise", () => {
    expect(readDocuments("[1,2\n{}", "lines")).toEqual({ documents: ["[1,2", "{}"] });
    expect(readDocuments('"one"\n{}', "json")).toEqual({ documents: ["one", {}] });
    expect(() => readDocuments("one\ntwo", "json")).toThrow("Line 1 is not valid JSON");
  });

  it("reads back any list of documents written as JSON, pretty or not", () => {
    fc.assert(
      fc.property(documents, fc.constantFrom(0, 2), (list, indent) => {
        expect(readDocuments(JSON.stringify(list, null, indent)).documents).toEqual(asJson(list));
      }),
    );
  });
});

describe("writeDocuments", () => {
  it("writes texts a line each where that is possible, and objects a line each", () => {
    expect(writeDocuments(["one", "two"])).toBe("one\ntwo");
    expect(writeDocuments([{ text: "one" }, { text: "two" }])).toBe('{"text":"one"}\n{"text":"two"}');
    expect(writeDocuments(["two\nlines"])).toBe('[\n"two\\nlines"\n]');
  });

  it("writes what is read back as the same documents", () => {
    fc.assert(
      fc.property(documents, (list) => {
        expect(readDocuments(writeDocuments(list)).documents).toEqual(asJson(list));
      }),
    );
  });
});

const documents = fc.array(
  fc.oneof(fc.string(), fc.constantFrom("[1", "{", "", "\r"), fc.dictionary(fc.string(), fc.jsonValue())),
);

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
