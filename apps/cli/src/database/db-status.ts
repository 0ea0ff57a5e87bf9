import type { DatabaseStatus } from "@dheera-ai/teams";
import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, format } from "../command-line/values.ts";
import { painter } from "../drawing/painter.ts";
import type { Output } from "../terminal.ts";
import {
  type DatabaseOptions,
  databaseOptions,
  databaseSchema,
  databaseUrlOf,
  isMissingFile,
  withDatabase,
} from "./database-options.ts";
import { drawSteps } from "./draw-steps.ts";

interface DbStatusOptions extends DatabaseOptions {
  readonly output?: Format;
}

/** For scripts: the database is there, and steps are to be made. */
const stepsPending = 3;

export const dbStatus = defineCommand<DbStatusOptions>({
  name: "db status",
  summary: "Say how the database is: its server, and which steps of its tables are made or pending",
  usage: [
    "--config FILE    # exits with 0: up to date, 3: steps are pending, 1: it cannot be used",
    "--database_url URL",
  ],
  options: { ...databaseOptions, output: { value: "FORMAT", help: "table or json (table on a terminal)" } },
  schema: v.object({ ...databaseSchema, output: v.optional(format) }),
  examples: ["dheera_ai db status --config config.yaml"],
  async run({ options }, { output, environment, printError }) {
    const url = await databaseUrlOf(options, environment);
    if (await isMissingFile(url)) {
      printError(
        "The file of the database is not there yet: dheera_ai db migrate makes it, and so does the proxy's start.",
      );
      return stepsPending;
    }
    const status = await withDatabase({ database_url: url }, environment, (database, teams) =>
      teams.readStatus(database),
    );
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    output.print(isTable ? draw(status, output) : JSON.stringify(toJson(status), undefined, 2));
    if (!status.isSupported) return 1;
    return status.pending.length > 0 ? stepsPending : 0;
  },
});

function toJson({ server, isSupported, applied, pending, newer }: DatabaseStatus): object {
  return { server, is_supported: isSupported, applied, pending, newer };
}

function draw(status: DatabaseStatus, output: Output): string {
  const { server, applied, pending, newer } = status;
  const states = new Map([
    ...applied.map((step) => [step, "made"] as const),
    ...newer.map((step) => [step, "made by a newer release"] as const),
    ...pending.map((step) => [step, "pending"] as const),
  ]);
  return [painter(output.color)("bold", server), "", ...drawSteps(states, output), "", advise(status)].join("\n");
}

function advise({ isSupported, pending, newer }: DatabaseStatus): string {
  if (!isSupported) return "This server is too old: PostgreSQL 14 or newer is needed.";
  if (pending.length > 0)
    return "dheera_ai db migrate makes what is pending; so does the proxy when it starts. Proxies of the release before go on meanwhile.";
  return newer.length > 0
    ? "The tables are newer than this release, which runs on them; nothing is to be done."
    : "The tables are up to date.";
}
