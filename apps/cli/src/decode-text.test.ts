import { describe, expect, it } from "vitest";

import { decodeText } from "./decode-text.ts";

const words = "Zürich 東京";
const little = Buffer.from(words, "utf16le");
const big = Buffer.from(little).swap16();
const marked = (mark: readonly number[], text: Buffer): Buffer => Buffer.concat([Buffer.from(mark), text]);

describe("decodeText", () => {
  it.each([
    ["UTF-8", Buffer.from(words)],
    ["UTF-8 with a mark", marked([0xef, 0xbb, 0xbf], Buffer.from(words))],
    ["UTF-16, little endian, as PowerShell writes it", marked([0xff, 0xfe], little)],
    ["UTF-16, big endian", marked([0xfe, 0xff], big)],
  ])("reads %s", (_, bytes) => {
    expect(decodeText(bytes, "a.txt")).toBe(words);
  });

  it("reads UTF-16 without a mark by its zeros", () => {
    expect(decodeText(Buffer.from("plain", "utf16le"), "a.txt")).toBe("plain");
    expect(decodeText(Buffer.from("plain", "utf16le").swap16(), "a.txt")).toBe("plain");
  });

  it("reads nothing as an empty text", () => {
    expect(decodeText(new Uint8Array(), "a.txt")).toBe("");
  });

  it("refuses any other encoding by the name of the file", () => {
    expect(() => decodeText(Buffer.from("Zürich", "latin1"), "a.txt")).toThrow(
      "a.txt is not UTF-8 text; save it as UTF-8",
    );
  });
});
