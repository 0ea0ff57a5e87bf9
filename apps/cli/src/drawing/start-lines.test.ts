import { expect, it } from "vitest";

import { drawStart } from "./start-lines.ts";

const output = { width: 100, color: false };

it("says what is served, where to look and that only this machine is served", () => {
  const drawn = drawStart({ url: "http://0.0.0.0:4000", models: ["bm25", "bge"], isKeyless: true }, output);
  expect(drawn.split("\n")).toEqual([
    "  models      2: bm25, bge",
    "  playground  http://localhost:4000/",
    "  API         http://localhost:4000/docs",
    "  callers     only this machine, without a key (master_key lets others in)",
  ]);
});

it("says that a key is asked for, and cuts what is wider than the terminal", () => {
  const models = Array.from({ length: 50 }, (_, number) => `model-${number}`);
  const drawn = drawStart({ url: "http://[::]:80", models, isKeyless: false }, { width: 60, color: false });
  expect(drawn).toContain("http://localhost:80/docs");
  expect(drawn).toContain("those who send a key");
  for (const line of drawn.split("\n")) expect(line.length).toBeLessThanOrEqual(60);
});
