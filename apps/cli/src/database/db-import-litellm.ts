import { access } from "node:fs/promises";

import type { ImportResult } from "@dheera-ai/teams/litellm";
import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, flag, format } from "../command-line/values.ts";
import { describeFileError } from "../describe-file-error.ts";
import { fit } from "../drawing/fit.ts";
import { painter } from "../drawing/painter.ts";
import { drawTable } from "../drawing/table.ts";
import { UsageError } from "../errors.ts";
import { withProgress } from "../progress.ts";
import type { Output } from "../terminal.ts";
import {
  type DatabaseOptions,
  databaseOptions,
  databaseSchema,
  databaseUrlOf,
  isMissingFile,
  withDatabase,
} from "./database-options.ts";

interface DbImportOptions extends DatabaseOptions {
  readonly dry_run: boolean;
  readonly output?: Format;
}

export const dbImportLitellm = defineCommand<DbImportOptions>({
  name: "db import-litellm",
  summary: "Bring the teams, users, keys and budgets of a LiteLLM database here, with what they have spent",
  usage: ["FILE… --config FILE [--dry_run]", "FILE… --database_url URL [--dry_run]"],
  operands: "FILE…",
  options: {
    ...databaseOptions,
    dry_run: { help: "say what would be imported and what has no place here, and change nothing" },
    output: { value: "FORMAT", help: "table or json (table on a terminal)" },
  },
  schema: v.object({ ...databaseSchema, dry_run: v.optional(flag, false), output: v.optional(format) }),
  examples: [
    "dheera_ai db import-litellm litellm.sql --config config.yaml --dry_run",
    "dheera_ai db import-litellm LiteLLM_TeamTable.csv LiteLLM_VerificationToken.csv --config config.yaml",
  ],
  async run({ options, operands }, terminal) {
    const { output, environment } = terminal;
    if (operands.length === 0)
      throw new UsageError("db import-litellm wants files: plain SQL of pg_dump, or CSV or JSON of LiteLLM's tables");
    for (const file of operands)
      await access(file).catch((error: unknown) => {
        throw new UsageError(`${file}: ${describeFileError(error) ?? "cannot be read"}`);
      });
    const { dry_run } = options;
    const url = await databaseUrlOf(options, environment);
    // To say what would be done must not make the file.
    const database_url = dry_run && (await isMissingFile(url)) ? "sqlite::memory:" : url;
    const { importLitellm, readExport } = await import("@dheera-ai/teams/litellm");
    const result = await withProgress(
      terminal,
      () => "importing",
      async () => {
        const exported = await readExport(operands);
        return withDatabase({ database_url }, environment, (database) =>
          importLitellm(database, exported, { isDry: dry_run }),
        );
      },
    );
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    output.print(isTable ? draw(result, dry_run, output) : JSON.stringify(toJson(result, dry_run), undefined, 2));
    return result.refused.length > 0 ? 1 : 0;
  },
});

function toJson({ counts, refused, leftOut }: ImportResult, dry_run: boolean): object {
  return { dry_run, counts, refused, left_out: leftOut };
}

function draw({ counts, refused, leftOut }: ImportResult, isDry: boolean, output: Output): string {
  const paint = painter(output.color);
  const heading = (text: string): string => paint("dim", text);
  const numbers = [{ heading: "kind" }, right(isDry ? "would be imported" : "imported"), right("there already")];
  const rows = Object.entries(counts).map(([kind, { imported, kept }]) => [kind, String(imported), String(kept)]);
  return [
    ...drawTable(numbers, rows, heading, output.width),
    ...section(
      "Not imported",
      refused.map(({ kind, name, reason }) => `${kind} ${name}: ${reason}`),
    ),
    ...section(
      "What has no place here",
      leftOut.map(({ table, column, rows: count, reason }) => {
        const where = column === undefined ? table : `${table}.${column}`;
        return `${where}, ${count} ${count === 1 ? "row" : "rows"}: ${reason}`;
      }),
    ),
  ].join("\n");

  function section(title: string, lines: readonly string[]): readonly string[] {
    // Names of an export may be anything: nothing of them controls the terminal.
    return lines.length === 0 ? [] : ["", paint("bold", title), ...lines.map((line) => fit(line, mostColumns))];
  }
}

const mostColumns = 300;

function right(heading: string): { readonly heading: string; readonly align: "right" } {
  return { heading, align: "right" };
}
