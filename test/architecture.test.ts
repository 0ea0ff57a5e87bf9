import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { findProgram, needs } from "./support/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const tracked = findProgram("git") === undefined ? [] : listTracked();
const sources = tracked.filter((file) =>
  /^((packages|apps)\/[^/]+\/src|test|bench|examples|deploy)\/.*\.(ts|css|html)$/.test(file),
);
const mostSources = 14;

describe("the tree", needs("git"), () => {
  it(`has no folder with more than ${mostSources} sources of its own, tests not counted`, () => {
    const counts = new Map<string, number>();
    for (const file of sources)
      if (!file.endsWith(".test.ts")) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > mostSources)).toEqual([]);
  });
});

function listTracked(): readonly string[] {
  return execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
}
