import { gzipSync } from "node:zlib";

import { expect, it } from "vitest";

import { pageAssets } from "./page-assets.ts";

it.each([
  ["playground.js", 21_000],
  ["playground.css", 6_500],
  ["playground.html", 3_500],
  ["teams.js", 22_000],
  ["teams-administration.js", 8_000],
  ["teams.css", 6_000],
  ["teams.html", 1_000],
  ["batches.js", 15_000],
  ["batches.css", 6_000],
  ["batches.html", 1_000],
  ["docs.js", 2_000],
  ["docs.css", 3_500],
] as const)("%s has at most %i bytes over the wire", (name, most) => {
  expect(gzipSync(pageAssets[name]).length).toBeLessThanOrEqual(most);
});
