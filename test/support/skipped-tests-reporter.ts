import type { Reporter, TestCase, TestModule } from "vitest/node";

import { type Program, programs, requiredPrograms } from "./programs.ts";

/** Ends the output with one line that says which programs skipped tests need, and how to get them. */
export default class SkippedTestsReporter implements Reporter {
  onInit(): void {
    // A misspelled name ends the run before any test.
    requiredPrograms();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const line = describeSkipped(modules.flatMap((module) => [...module.children.allTests("skipped")].map(missingOf)));
    if (line !== undefined) process.stdout.write(`\n${line}\n`);
  }
}

/** @param skipped for each skipped test the programs that it lacks */
export function describeSkipped(skipped: readonly (readonly Program[])[]): string | undefined {
  const counts = new Map<Program, number>();
  for (const missing of skipped) for (const program of missing) counts.set(program, (counts.get(program) ?? 0) + 1);
  if (counts.size === 0) return undefined;
  const parts = [...counts].map(([program, count], position) => {
    const tests = position > 0 ? `${count} that` : count === 1 ? "1 test that" : `${count} tests that`;
    return `${tests} ${count === 1 ? "needs" : "need"} ${program} (${programs[program]})`;
  });
  return `Skipped: ${parts.join(", ")}`;
}

/** What a test lacks, and the suites around it. */
function missingOf(test: TestCase): readonly Program[] {
  const missing = new Set(test.meta().missing);
  for (let suite = test.parent; suite.type === "suite"; suite = suite.parent)
    for (const program of suite.meta().missing ?? []) missing.add(program);
  return [...missing];
}
