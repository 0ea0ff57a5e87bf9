import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { generatedParts, renewPart } from "./generated-parts.ts";
import { settingsTable, settingsWithoutEffect } from "./settings-table.ts";

describe("the generated parts of the documentation", () => {
  it.each(generatedParts)(
    "$name is as the code makes it (else: pnpm --filter @dheera-ai/proxy run docs)",
    async (part) => {
      const text = await readFile(part.page, "utf8");
      expect(renewPart(text, part)).toBe(text);
    },
  );
});

describe("settingsTable", () => {
  const rows = settingsTable().split("\n").slice(2);
  const row = (setting: string): string | undefined => rows.find((line) => line.startsWith(`| \`${setting}\` |`));

  it("gives for settings at every depth their type, whether they are required, and their default", () => {
    expect(row("general_settings.keys[].rpm")).toContain("| whole number from 1 |");
    expect(row("model_list[].model_name")).toContain("Required.");
    expect(row("general_settings.max_documents")).toContain("Default `10000`.");
    expect(row("general_settings.rate_limit_failure")).toContain("| `open`, `closed` |");
    expect(row("router_settings.redis_port")).toContain("| whole number from 1 to 65535 |");
  });

  it("has a meaning for every setting", () => {
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((line) => !/ \| [A-Z`][^|]{4,}\. \|$| \| [^|]+`\. \|$/.test(line))).toEqual([]);
  });
});

describe("settingsWithoutEffect", () => {
  it("names LiteLLM's keys where they stand", () => {
    expect(settingsWithoutEffect()).toMatch(/^- `general_settings`: .*`database_type`/m);
  });
});
