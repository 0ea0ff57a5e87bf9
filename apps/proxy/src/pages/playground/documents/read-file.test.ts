import { describe, expect, it } from "vitest";

import { readFile } from "./read-file.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string, mark: readonly number[], isLittle: boolean): Uint8Array =>
  Uint8Array.from([
    ...mark,
    ...Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)).flatMap((code) =>
      isLittle ? [code & 255, code >> 8] : [code >> 8, code & 255],
    ),
  ]);

describe("readFile", () => {
  it.each([
    ["a.jsonl", '"one"\n\n{"text":"two"}', ["one", { text: "two" }]],
    ["a.NDJSON", '{"text":"two"}', [{ text: "two" }]],
    ["a.json", '["one", {"text":"two"}]', ["one", { text: "two" }]],
    ["a.txt", "one\ntwo", ["one", "two"]],
    ["README", "one", ["one"]],
  ])("reads documents from %s", (name, text, documents) => {
    expect(readFile(name, utf8(text))).toEqual({ kind: "documents", documents });
  });

  it("leaves the choice of a column of a table to the user", () => {
    expect(readFile("a.csv", utf8("\uFEFFa,b\n1,2"))).toEqual({ kind: "table", text: "a,b\n1,2" });
  });

  it("opens a form that was saved", () => {
    const state = { query: "which?", documents: "one\ntwo", model: "bm25" };
    expect(readFile("a.json", utf8(JSON.stringify(state)))).toMatchObject({ kind: "state", state });
  });

  it.each([
    ["little", [0xff, 0xfe], true],
    ["big", [0xfe, 0xff], false],
  ] as const)("reads UTF-16 in %s endian, as spreadsheets save it", (_, mark, isLittle) => {
    expect(readFile("a.csv", utf16("größe,東京\n1,2", mark, isLittle))).toEqual({
      kind: "table",
      text: "größe,東京\n1,2",
    });
  });

  it.each([
    ["a.txt", Uint8Array.of(0xe9, 0x20), "save it as UTF-8"],
    ["a.txt", utf16("without a mark", [], true), "save it as UTF-8"],
    ["a.jsonl", utf8('{"a":1}\n\n{"a":'), "Line 3 is not valid JSON"],
    ["a.jsonl", utf8('{"a":1}\n[1]'), "Line 2 must be a text or an object"],
    ["a.json", utf8('[\n"a",\n"b\n]'), "not valid JSON (line 3)"],
    ["a.json", utf8('["a", 1]'), "Document 2 must be a text or an object"],
    ["a.json", utf8("1"), "a JSON list of texts or objects"],
    ["a.txt", utf8("[1,2"), "“]” is missing"],
    ["a.csv", utf8(" \n"), "The file is empty"],
  ])("says what is wrong with %s", (name, bytes, message) => {
    expect(() => readFile(name, bytes)).toThrow(message);
  });
});
