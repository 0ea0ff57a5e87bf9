import { describe, expect, it, vi } from "vitest";

import { parseJson, readText } from "./parse-json.ts";

const mostValues = 150_000;
const roomy = { grow: () => {} };

describe("readText and parseJson", () => {
  it.each([
    ["30 MB of objects in a field nobody knows", `{"x":[${"{},".repeat(10_000_000)}{}]}`, "request_too_large"],
    ["long names of fields, which are compared with each other", longNames(100, "x"), "invalid_request"],
    ["long names of escapes, with space behind them", longNames(100, "\\u0078", " \n"), "invalid_request"],
    ["30 MB of lists in each other", "[".repeat(30_000_000), "invalid_request"],
    ["150,001 texts", `["${'","'.repeat(150_000)}"]`, "request_too_large"],
  ])("refuses %s before it parses anything", (_, body, code) => {
    const parse = vi.spyOn(JSON, "parse");
    expect(() => read(Buffer.from(body), mostValues, roomy)).toThrow(expect.objectContaining({ code }));
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it("names the setting and what to do", () => {
    expect(() => read(Buffer.from("[1,2,3,4]"), 4, roomy)).toThrow(
      "the body holds more than the 4 values allowed (general_settings.max_request_values); send fewer documents at a time, or only the fields that are ranked",
    );
  });

  it("parses 10,000 documents of 13 fields", () => {
    const fields = Object.fromEntries(Array.from({ length: 13 }, (_, position) => [`field${position}`, "a, [b]"]));
    const body = { documents: Array.from({ length: 10_000 }, () => fields) };
    expect(read(Buffer.from(JSON.stringify(body)), mostValues, roomy)).toEqual(body);
  });

  it("asks for room for values that take more memory than their bytes, before it parses them", () => {
    const parse = vi.spyOn(JSON, "parse");
    const noRoom = {
      grow: (bytes: number) => {
        throw new Error(`no room for ${bytes} bytes`);
      },
    };
    expect(() => read(Buffer.from(`[${"{},".repeat(49_998)}1]`), mostValues, noRoom)).toThrow("6399872 bytes");
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    const words = JSON.stringify({ documents: Array.from({ length: 1_000 }, () => "word ".repeat(100)) });
    for (const ordinary of [words, '{"model":"m","query":"q","documents":["a","b"]}'])
      expect(read(Buffer.from(ordinary), mostValues, noRoom)).toEqual(JSON.parse(ordinary));
  });
});

/** Names of one length beyond what V8 hashes: making the objects compares each with all others. */
function longNames(count: number, letter: string, space = ""): string {
  const names = Array.from({ length: count }, (_, number) => letter.repeat(16_384) + String(number + 100));
  return `{${names.map((name) => `"${name}"${space}:1`).join()}}`;
}

function read(bytes: Uint8Array, most: number, room: { grow(bytes: number): void }): unknown {
  return parseJson(readText(bytes, most, room));
}
