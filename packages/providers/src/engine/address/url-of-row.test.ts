import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { allRows } from "../../rows/all-rows.ts";
import { pathFor, type RowAddress, urlOfRow } from "./url-of-row.ts";

const row: RowAddress = { name: "r" };

function urlOf(base: string, path: string, more: Partial<RowAddress> = {}, model = "m"): string {
  return urlOfRow({ ...row, ...more }, new URL(base), path, { model, account_id: "a1" });
}

describe("the address of a row", () => {
  it.each([
    ["https://a.test", "/rerank", "https://a.test/rerank"],
    ["https://a.test/", "/v1/rerank", "https://a.test/v1/rerank"],
    ["https://a.test/v1", "/rerank", "https://a.test/v1/rerank"],
    ["https://a.test/v1/", "/v1/rerank", "https://a.test/v1/rerank"],
    // It ends in the path already.
    ["https://a.test/v1/rerank", "/v1/rerank", "https://a.test/v1/rerank"],
    ["https://a.test/proxy/rerank", "/v1/rerank", "https://a.test/proxy/rerank"],
    // The operator's version stays.
    ["https://a.test/v1", "/v2/rerank", "https://a.test/v1/rerank"],
    ["https://a.test/v1/rerank", "/v2/rerank", "https://a.test/v1/rerank"],
    ["https://a.test/v1", "/inference/v1/rerank", "https://a.test/v1/rerank"],
    ["https://a.test/b/v1/rerank", "/inference/v1/rerank", "https://a.test/b/v1/rerank"],
    // A part of the path stands there.
    ["https://a.test/api/v1", "/api/v1/rerank", "https://a.test/api/v1/rerank"],
    ["https://a.test/api", "/api/v1/rerank", "https://a.test/api/v1/rerank"],
    ["https://a.test/providers/cohere/v1", "/providers/cohere/v2/rerank", "https://a.test/providers/cohere/v1/rerank"],
    // Words that only look alike.
    ["https://a.test/rerank/v1x", "/v1/rerank", "https://a.test/rerank/v1x/v1/rerank"],
    ["https://a.test/myrerank", "/rerank", "https://a.test/myrerank/rerank"],
    // What is no path stays too.
    ["https://a.test/v1?version=2", "/v1/rerank", "https://a.test/v1/rerank?version=2"],
  ])("%s with %s is %s", (base, path, url) => {
    expect(urlOf(base, path)).toBe(url);
  });

  it("can drop the path of the base", () => {
    expect(urlOf("https://a.test/any/thing", "/v1/rerank", { base_path: "replace" })).toBe("https://a.test/v1/rerank");
  });

  it("rewrites the longest end of the base that is known", () => {
    const base_endings = { "/openai": "", "/v1/openai": "/v1" };
    expect(urlOf("https://a.test/v1/openai", "/v1/inference", { base_endings })).toBe("https://a.test/v1/inference");
    expect(urlOf("https://a.test/b/openai", "/v1/inference", { base_endings })).toBe("https://a.test/b/v1/inference");
    expect(urlOf("https://a.test/v1", "/v1/inference", { base_endings })).toBe("https://a.test/v1/inference");
  });

  it("holds a model's name, slashes included, and what the path needs else", () => {
    const path = "/accounts/{account_id}/ai/run/{model}";
    expect(urlOf("https://a.test", path, {}, "@cf/baai/b ge?#:1%2e")).toBe(
      "https://a.test/accounts/a1/ai/run/@cf/baai/b%20ge%3F%23:1%252e",
    );
  });

  it.each(["../admin", "a/../../b", "..", ".", "a//b", "/a", "a/", ""])(
    "is refused for the model %j, which would lead elsewhere",
    (model) => {
      expect(() => urlOf("https://a.test", "/v1/inference/{model}", {}, model)).toThrow(
        expect.objectContaining({ code: "invalid_request", param: "model" }),
      );
    },
  );

  it("is another one at hosts that are named", () => {
    const paths = { path: "/rerank", path_by_host: { "*.models.test": "/v2/rerank", "one.test": "/v3/rerank" } };
    const pathAt = (host: string): string => pathFor(paths, new URL(`https://${host}`));
    expect(["a.b.models.test", "models.test", "one.test", "xone.test"].map(pathAt)).toEqual([
      "/v2/rerank",
      "/rerank",
      "/v3/rerank",
      "/rerank",
    ]);
  });
});

describe.each(allRows.map((defined) => [defined.row.name, defined.row] as const))("of %s", (_, data) => {
  const paths = [data.path, ...Object.values(data.path_by_host ?? {})];
  const words = [
    ...new Set(paths.flatMap((path) => path.split("/").filter((word) => word !== "" && !word.includes("{")))),
  ];
  const segment = fc.constantFrom("v1", "v2", "v10", "api", "proxy", "a-b", ...words);
  const base = fc
    .tuple(
      fc.constantFrom("https://a.test", "http://127.0.0.1:8080", data.api_base ?? "https://b.test/v1"),
      fc.array(segment, { maxLength: 5 }),
      fc.constantFrom("", "/", "//"),
      fc.constantFrom("", "?version=1"),
    )
    .map(([origin, segments, end, query]) => new URL([origin, ...segments].join("/") + end + query));
  const model = fc
    .stringMatching(/^[\w@:. -]{1,10}(\/[\w@:. -]{1,10})?$/)
    .filter((name) => !/(^|\/)\.\.?(\/|$)/.test(name));
  const values = (name: string): Record<string, string> =>
    Object.fromEntries([
      ["model", name],
      ...Object.keys(data.path_parameters ?? {}).map((parameter) => [parameter, "p"]),
    ]);

  it("is at no other origin than was configured, with what else the base says, and the path stands there once", () => {
    fc.assert(
      fc.property(base, fc.constantFrom(...paths), model, (url, path, name) => {
        const made = new URL(urlOfRow(data, url, path, values(name)));
        expect([made.origin, made.search, made.hash]).toEqual([url.origin, url.search, ""]);
        const last = path.split("/").at(-1) ?? "";
        if (!last.includes("{")) expect(made.pathname.endsWith(`/${last}`)).toBe(true);
        // What it gives may be given again.
        expect(urlOfRow(data, made, path, values(name))).toBe(made.href);
      }),
    );
  });

  it("is the same with any part of the path at the end of the base", () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), model, fc.nat(10), (path, name, count) => {
        const whole = urlOfRow(data, new URL("https://a.test/x"), path, values(name));
        const parts = new URL(whole).pathname.split("/").slice(1);
        const url = new URL(`https://a.test/${parts.slice(0, 1 + Math.min(count, parts.length)).join("/")}`);
        if (data.base_path !== "replace") expect(urlOfRow(data, url, path, values(name))).toBe(whole);
      }),
    );
  });
});
