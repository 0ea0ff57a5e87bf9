import { afterEach, expect, it, vi } from "vitest";

import { processEnvironment } from "./environment.ts";

afterEach(() => vi.unstubAllGlobals());

it("is that of the process", () => {
  expect(processEnvironment()).toBe(process.env);
});

it("has no variable that Deno does not allow to be read", () => {
  const env = new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) => {
        if (name === "HOME") return "/home/me";
        throw Object.assign(new Error(`Requires env access to "${String(name)}"`), { name: "NotCapable" });
      },
    },
  );
  vi.stubGlobal("Deno", {});
  vi.stubGlobal("process", { env });
  const environment = processEnvironment();
  expect([environment["HOME"], environment["HF_TOKEN"]]).toEqual(["/home/me", undefined]);
});

it("is empty where there is no process", () => {
  vi.stubGlobal("process", undefined);
  expect(processEnvironment()).toEqual({});
});
