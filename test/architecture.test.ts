import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { findProgram, needs } from "./support/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const tracked = findProgram("git") === undefined ? [] : listTracked();
const sources = tracked.filter(
  (file) =>
    /^((packages|apps)\/[^/]+\/(src|scripts|bench)|test|bench|examples|deploy|release|python)\/.*\.(ts|css|html)$/.test(
      file,
    ) || /^python\/.*\.py$/.test(file),
);
/** Python's `__init__.py` and `__main__.py` say what a folder is, and hold no idea of their own. */
const isUncounted = (file: string): boolean => /\.test\.ts$|\/(test_\w+|conftest|__init__|__main__)\.py$/.test(file);
const map = readFileSync(new URL("../ARCHITECTURE.md", import.meta.url), "utf8");
const mostSources = 14;
/** Each file of a catalogue is one row of data, and finding one is finding its name. */
const catalogues: ReadonlySet<string> = new Set(["packages/providers/src/rows"]);

describe("the tree", needs("git"), () => {
  it(`has no folder with more than ${mostSources} sources of its own, tests not counted`, () => {
    const counts = new Map<string, number>();
    for (const file of sources) if (!isUncounted(file)) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([folder, count]) => count > mostSources && !catalogues.has(folder))).toEqual([]);
  });

  it("is the map of ARCHITECTURE.md, folder by folder", () => {
    const mapped = [...map.matchAll(/^\| `([^`]+\/)` \|/gm)].map(([, folder]) => folder);
    const folders = new Set(sources.map((file) => `${dirname(file)}/`));
    expect(mapped.toSorted()).toEqual([...folders].toSorted());
  });

  it("has the files of core that ARCHITECTURE.md names for each step of a request", () => {
    const steps = map.split("\n").filter((line) => /^\| \d /.test(line));
    const named = steps.flatMap((line) => [...line.matchAll(/`([\w/-]+\.ts)`/g)].map(([, file]) => file));
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((file) => !tracked.includes(`packages/core/src/${file}`))).toEqual([]);
  });
});

function listTracked(): readonly string[] {
  return execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
}
