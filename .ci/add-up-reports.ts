import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * `node .ci/add-up-reports.ts FOLDER SCRIPT…` adds up the JSON reports that vitest wrote for these scripts and prints
 * `N passed, N failed`, and `, N skipped` where any were; before it each failed test with the beginning of its reason,
 * so that the end of a log tells what is wrong. Exits with 1 when anything failed or a report is missing or empty.
 */
const [folder = "", ...scripts] = process.argv.slice(2);

/** What vitest's report says of a run. */
interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

let passed = 0;
let failed = 0;
let skipped = 0;
for (const script of scripts) {
  const report = readReport(script);
  // A file that breaks before its tests run counts as one failed test; so does a step that ran none, or that failed
  // outside of its tests.
  const broken = report?.testResults.filter(isBroken).length ?? 0;
  const failures = (report?.numFailedTests ?? 0) + broken;
  passed += report?.numPassedTests ?? 0;
  skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  for (const line of report?.testResults.flatMap(describeFailures) ?? []) console.log(line);
  failed += failures > 0 || (report?.success === true && report.numTotalTests > 0) ? failures : 1;
}
if (failed > 0 || passed === 0) process.exitCode = 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);

function readReport(script: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, `${script.replace(":", "-")}.json`), "utf8"));
  } catch {
    console.log(`${script} wrote no report`);
    return undefined;
  }
}

function isBroken({ status, assertionResults }: Report["testResults"][number]): boolean {
  return status === "failed" && assertionResults.every((result) => result.status !== "failed");
}

function describeFailures(file: Report["testResults"][number]): readonly string[] {
  const path = relative(process.cwd(), file.name);
  if (isBroken(file)) return [`failed: ${path}: ${beginningOf(file.message)}`];
  return file.assertionResults
    .filter(({ status }) => status === "failed")
    .map(({ fullName, failureMessages }) => `failed: ${path}: ${fullName}: ${beginningOf(failureMessages.join("; "))}`);
}

/** Without the stack, which the log of the step has. */
function beginningOf(message: string): string {
  return (message.split(/\n\s+at /)[0] ?? "").slice(0, 1_000).trimEnd();
}
