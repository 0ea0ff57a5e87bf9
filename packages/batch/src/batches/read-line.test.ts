import { describe, expect, it } from "vitest";

import { customIdOf, readLine } from "./read-line.ts";

const good = { custom_id: "a", method: "POST", url: "/v1/rerank", body: { model: "m", query: "q", documents: [] } };

describe("readLine", () => {
  it("reads a request", () => {
    expect(readLine(JSON.stringify(good), "/v1/rerank")).toEqual({ customId: "a", model: "m", body: good.body });
  });

  it.each([
    ["invalid_json_line", undefined, undefined, "{"],
    ["invalid_request", undefined, undefined, "[]"],
    ["invalid_request", undefined, undefined, "null"],
    ["invalid_request", "custom_id", undefined, JSON.stringify({ ...good, custom_id: 7 })],
    ["invalid_request", "custom_id", undefined, JSON.stringify({ ...good, custom_id: "" })],
    ["invalid_request", "custom_id", undefined, JSON.stringify({ ...good, custom_id: "x".repeat(513) })],
    ["invalid_request", "method", "a", JSON.stringify({ ...good, method: "GET" })],
    ["url_mismatch", "url", "a", JSON.stringify({ ...good, url: "/v2/rerank" })],
    ["invalid_request", undefined, undefined, `{"custom_id":"a","x":[${"{},".repeat(80_000)}0]}`],
    ["invalid_request", undefined, undefined, `{"custom_id":"a","x":${"[".repeat(101)}${"]".repeat(101)}}`],
    ["invalid_request", undefined, undefined, `{"custom_id":"a","${"x".repeat(20_000)}":1}`],
    ["invalid_request", "body", "a", JSON.stringify({ ...good, body: "text" })],
    ["invalid_request", "body.model", "a", JSON.stringify({ ...good, body: {} })],
  ])("says %s of %s where the custom_id is %s", (code, param, customId, text) => {
    expect(readLine(text, "/v1/rerank")).toMatchObject({
      problem: { code, ...(param !== undefined && { param }) },
      customId,
    });
  });
});

describe("customIdOf", () => {
  it("finds it in whatever is an object", () => {
    expect(customIdOf(`{"custom_id": "a"}`)).toBe("a");
    expect(customIdOf(`{"custom_id": 1}`)).toBeUndefined();
    expect(customIdOf("{")).toBeUndefined();
    expect(customIdOf(`{"custom_id":"a","x":${"[".repeat(2_000_000)}`)).toBeUndefined();
  });
});
