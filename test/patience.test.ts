import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { findProgram, needs } from "./support/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const tests = findProgram("git") === undefined ? [] : listTests();

/** Seconds that pass on an idle machine are minutes on a busy one: a limit that is there against hanging alone has to be generous. */
describe("no test fails because the machine is busy:", needs("git"), () => {
  it("what is waited for has a minute, as `expect.poll` gives it by default and `vi.waitFor` does not", () => {
    const waits = find(/(?:\bpoll|\bwaitFor|\bwaitUntil)\((?:(?!;\n)[^])*?;\n/g);
    expect(waits.length).toBeGreaterThan(100);
    const hasty = waits.filter(({ text }) => shortest(text, /\btimeout: ([\d_]+)/g) < 60_000);
    expect(hasty.map(({ file }) => file)).toEqual([
      // Within a transaction, which the server ends after ten seconds.
      "packages/teams/src/spending/locks.test.ts",
      // That nothing comes: it is over as soon as it has not come.
      "test/support/postgresql-server.test.ts",
    ]);
    const bare = waits.filter(({ text }) => /\bvi\.wait/.test(text) && !/timeout:|patience/.test(text));
    expect(bare.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  it("a limit of its own is longer than that of every test", () => {
    const limits = [...find(/^ *\}(?:, \d[\d_]+)\);$/gm), ...find(/, \{ timeout: [\d_]+[^}\n]*\}, (?:async )?\(/g)];
    expect(limits.length).toBeGreaterThan(10);
    const hasty = limits.filter(({ text }) => shortest(text, /\b([\d_]{4,})\b/g) < 120_000);
    expect(hasty.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  it("what must not be in a text with random ids is longer than three characters", () => {
    const short = find(/\.not\.toContain\("(?:[\w+/=]{1,3})"\)/g).filter(({ file }) => !listsOrPlain.has(file));
    expect(short.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });
});

/** What is looked into there is a list, or holds nothing random that could have these letters. */
const listsOrPlain: ReadonlySet<string> = new Set([
  "apps/proxy/src/routes/metrics.test.ts",
  "packages/combine/src/shadow/with-shadows.test.ts",
  "packages/local/src/process/children.test.ts",
]);

function find(pattern: RegExp): readonly { readonly file: string; readonly text: string }[] {
  return tests.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(pattern)].map(([text]) => ({ file, text })),
  );
}

/** The least of the numbers that a pattern finds. */
function shortest(text: string, pattern: RegExp): number {
  return Math.min(...[...text.matchAll(pattern)].map(([, digits = ""]) => Number(digits.replaceAll("_", ""))));
}

function listTests(): readonly string[] {
  const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n");
  return tracked.filter(
    (file) => file.endsWith(".ts") && /\.test\.ts$|^test\//.test(file) && !file.endsWith("/patience.test.ts"),
  );
}
