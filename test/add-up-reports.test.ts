import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { createFolder } from "./support/temporary-folder.ts";

const program = fileURLToPath(new URL("../.ci/add-up-reports.ts", import.meta.url));

const green = report({ passed: 3 });

describe("the last line of CI", () => {
  it("adds up the reports of all steps", async () => {
    expect(await addUp({ test: green, "test:browser": report({ passed: 2 }) })).toEqual(["5 passed, 0 failed", 0]);
  });

  it("counts skipped tests only where there are any", async () => {
    expect(await addUp({ test: report({ passed: 3, skipped: 2 }) })).toEqual(["3 passed, 0 failed, 2 skipped", 0]);
  });

  it("counts failed tests, and a file that broke before its tests ran as one", async () => {
    const failing = report({ passed: 1, failed: 2 });
    const broken = {
      ...report({ passed: 1 }),
      success: false,
      testResults: [{ name: "/broken.test.ts", status: "failed", message: "no such module", assertionResults: [] }],
    };
    expect(await addUp({ test: failing, "test:browser": broken })).toEqual(["2 passed, 3 failed", 1]);
  });

  it("names each failed test and file with its reason before the last line", async () => {
    const broken = {
      ...report({ passed: 1 }),
      success: false,
      testResults: [{ name: resolve("b.test.ts"), status: "failed", message: "no such module", assertionResults: [] }],
    };
    const { lines } = await print({ test: report({ failed: 1 }), "test:browser": broken });
    expect(lines).toEqual([
      "failed: a.test.ts: test 0: expected 1 to be 2",
      "failed: b.test.ts: no such module",
      "1 passed, 2 failed",
    ]);
  });

  it.each([
    ["wrote no report", undefined],
    ["ran no test", report({ passed: 0 })],
    ["failed outside of its tests", { ...green, success: false }],
  ])("counts a step that %s as a failure", async (_, other) => {
    const [line, status] = await addUp({ test: green, "test:browser": other });
    expect([line, status]).toEqual([expect.stringMatching(/^\d passed, 1 failed$/), 1]);
  });
});

function report({ passed = 0, failed = 0, skipped = 0 }) {
  return {
    numTotalTests: passed + failed + skipped,
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
    success: failed === 0,
    testResults: [
      {
        name: resolve("a.test.ts"),
        status: failed > 0 ? "failed" : "passed",
        message: "",
        assertionResults: Array.from({ length: failed }, (_, position) => ({
          fullName: `test ${position}`,
          status: "failed",
          failureMessages: ["expected 1 to be 2\n    at Object.<anonymous> (a.test.ts:1:2)"],
        })),
      },
    ],
  };
}

/** @returns the last line that is printed, and the exit status */
async function addUp(reports: Readonly<Record<string, object | undefined>>): Promise<readonly [string, number | null]> {
  const { lines, status } = await print(reports);
  return [lines.at(-1) ?? "", status];
}

async function print(
  reports: Readonly<Record<string, object | undefined>>,
): Promise<{ readonly lines: readonly string[]; readonly status: number | null }> {
  const files = Object.entries(reports).flatMap(([script, content]) =>
    content === undefined ? [] : [[`${script.replace(":", "-")}.json`, JSON.stringify(content)] as const],
  );
  await using folder = await createFolder(Object.fromEntries(files));
  const { stdout, status } = spawnSync(process.execPath, [program, folder.path, ...Object.keys(reports)], {
    encoding: "utf8",
  });
  return { lines: stdout.trimEnd().split("\n"), status };
}
