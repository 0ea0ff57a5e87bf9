import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { clientsPage, renewTable } from "../clients/clients-page.ts";
import { readPytestReport } from "../python/pytest-report.ts";
import { findProgram, needs } from "../support/programs.ts";
import { clientsTable } from "./clients-table.ts";
import { runAllCases } from "./run-cases.ts";

const requirement = needs("python3");

if (findProgram("python3") === undefined) it("the clients from PyPI", requirement, () => {});
else
  describe("clients from PyPI, unmodified, read with their own typed fields", async () => {
    const ended = await runAllCases();
    for (const { environment, report, output } of ended) {
      const cases = readPytestReport(report);
      it(`${environment}: the cases ran`, () => expect(cases.length, output).toBeGreaterThan(3));
      for (const { name, failure } of cases) it(name, () => expect(failure ?? "").toBe(""));
    }

    it("are the ones in the table of docs/clients.md (else: pnpm --filter @dheera-ai/test-suite run docs:python)", async () => {
      const page = await readFile(clientsPage, "utf8");
      const table = clientsTable(ended.flatMap(({ clients }) => clients));
      expect(renewTable(page, "clients from PyPI", table)).toBe(page);
    });
  });
