import { expect, it } from "vitest";

import { loadLocalHub } from "./local-hub.ts";

const needs = "this needs the package @dheera-ai/local";

it.each([
  ["Cannot find package '@dheera-ai/local' imported from /x/y.js", `${needs}: npm install @dheera-ai/local`],
  [
    "Cannot find package 'valibot' imported from /node_modules/@dheera-ai/local/dist/hub.js",
    `${needs}, which cannot be loaded (Cannot find package 'valibot' imported from /node_modules/@dheera-ai/local/dist/hub.js)`,
  ],
])("what handles local models is loaded when it is needed, and says what to do: %s", async (message, said) => {
  const load = (): Promise<unknown> =>
    Promise.reject(Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" }));
  await expect(loadLocalHub(load)).rejects.toThrow(said);
});

it("another version of what handles local models is not used", async () => {
  await expect(loadLocalHub(async () => ({ planPull() {} }))).rejects.toThrow(
    `${needs} in the version of dheera_ai: npm install @dheera-ai/local`,
  );
});
