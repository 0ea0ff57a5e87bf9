import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { oldestNode, requireNode } from "./node-version.ts";

it.each(["18.20.8", "20.20.2", "22.18.0"])("refuses Node.js %s by name", (node) => {
  expect(() => requireNode({ node })).toThrow(`dheera-ai needs Node.js 22.19 or newer; this is ${node}`);
});

it.each(["22.19.0", "22.20.1", "24.0.0", "26.10.0"])("takes Node.js %s", (node) => {
  expect(() => requireNode({ node })).not.toThrow();
});

it.each([{ node: "20.11.1", deno: "2.0.0" }, { node: "20.0.0", bun: "1.2.0" }, {}])(
  "takes a runtime that is not Node.js: %o",
  (versions) => {
    expect(() => requireNode(versions)).not.toThrow();
  },
);

it("is the version that package.json declares", async () => {
  const { engines } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  expect(engines.node).toBe(`>=${oldestNode}`);
});
