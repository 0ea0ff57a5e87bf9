import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { root } from "../../release/packages.ts";
import { findProgram, needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { type CleanEnvironment, prepareCleanEnvironment } from "./clean-environment.ts";
import { readPytestReport } from "./pytest-report.ts";

const requirement = needs("python3");

if (findProgram("python3") === undefined) it("the Python package", requirement, () => {});
else {
  const folder = await createFolder();
  afterAll(() => folder[Symbol.asyncDispose]());
  const environment = await prepareCleanEnvironment(folder.path);
  const checks = checkSources(environment);
  describe("pytest, from the wheel and without Node.js in the PATH", async () => {
    const report = join(folder.path, "report.xml");
    const options = [
      "--junitxml",
      report,
      "--timeout",
      "300",
      "-p",
      "no:cacheprovider",
      "-q",
      "--color",
      "no",
      "--continue-on-collection-errors",
    ];
    const { code, output } = await runPython(environment, "-m", "pytest", ...options);
    // 1: some failed, and are reported below by name.
    it("ran to its end", () => expect({ code, output }).toMatchObject({ code: expect.toBeOneOf([0, 1]) }));
    for (const { name, failure, skipped } of await readFile(report, "utf8").then(readPytestReport, () => []))
      it(name, ({ skip }) => {
        if (skipped !== undefined) skip(skipped);
        expect(failure ?? "").toBe("");
      });
  });

  describe("the Python sources", () => {
    it.each(Object.entries(checks))("%s", async (_what, check) => {
      const { code, output } = await check;
      expect(code, output).toBe(0);
    });
  });
}

/**
 * The checks of the sources, one after the other: while pytest waits for the processes that it starts, one core is
 * free.
 */
function checkSources(environment: CleanEnvironment): Readonly<Record<string, Promise<Ended>>> {
  const checks: Record<string, Promise<Ended>> = {};
  let last: Promise<unknown> = Promise.resolve();
  const add = (name: string, check: () => Promise<Ended>) => (last = checks[name] = last.then(check));

  const pyright = createRequire(import.meta.url).resolve("pyright/index.js");
  add("are formatted", () => runPython(environment, "-m", "ruff", "format", "--check", "."));
  add("pass ruff", () => runPython(environment, "-m", "ruff", "check", "."));
  for (const version of ["3.10", "3.14"]) {
    add(`are typed for Python ${version}, says mypy`, () =>
      runPython(environment, "-m", "mypy", "--strict", "--python-version", version),
    );
    const options = ["--project", "python", "--pythonpath", environment.python, "--pythonversion", version];
    add(`are typed for Python ${version}, says pyright`, () => runIn(root, process.execPath, [pyright, ...options]));
  }
  return checks;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function runPython({ python, variables }: CleanEnvironment, ...args: readonly string[]): Promise<Ended> {
  return runIn(join(root, "python"), python, args, variables);
}

function runIn(cwd: string, program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env, maxBuffer: 100_000_000 }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}
