import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { clientsPage, renewTable } from "./clients-page.ts";
import { clientsTable, expectedRanking } from "./clients-table.ts";
import type { ClientReport } from "./rank-with-client.ts";
import { clientFiles, question, runClient } from "./run-clients.ts";
import { type ScriptedProxy, startScriptedProxy } from "./scripted-proxy.ts";

const files = await clientFiles();

describe("clients from npm, unmodified, read with their own typed fields", () => {
  const reports: ClientReport[] = [];
  let proxy: ScriptedProxy;

  beforeAll(async () => {
    proxy = await startScriptedProxy();
  });

  afterAll(() => proxy[Symbol.asyncDispose]());

  it.each(files)("%s: the ranking and each error", async (file) => {
    const report = await runClient(file, proxy);
    reports.push(report);
    expect(report.ranked.ranking).toEqual(expectedRanking);
    if (report.ranked.documents)
      expect(report.ranked.documents).toEqual(expectedRanking.map(({ index }) => question.documents[index]));
    if (report.ranked.tokens !== undefined) expect(report.ranked.tokens).toBeGreaterThan(0);

    expect(report.uncounted.ranking).toEqual([
      { index: 3, score: 0.8 },
      { index: 2, score: 0.6 },
      { index: 1, score: 0.4 },
    ]);
    // Cohere's answer has no number where none is known; those of the others have 0.
    expect(report.uncounted.tokens ?? 0).toBe(0);

    expect(report.unauthorized).toEqual({
      status: 401,
      message: expect.stringMatching(/the key is not known|The API key you provided was rejected/),
    });
    expect(report.refused).toEqual({ status: 422, message: expect.stringMatching(/(documents|input)\[0\]: /) });
    expect(report.limited).toEqual({
      status: 429,
      message: expect.stringContaining("limits the rate of our requests"),
    });
  });

  it("are the ones in the table of docs/clients.md (else: pnpm --filter @dheera-ai/test-suite run docs)", async () => {
    expect(reports).toHaveLength(files.length);
    const page = await readFile(clientsPage, "utf8");
    expect(renewTable(page, "clients from npm", await clientsTable(reports))).toBe(page);
  });
});
