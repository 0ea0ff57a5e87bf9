import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, format } from "../command-line/values.ts";
import { Failure } from "../errors.ts";
import { type DatabaseOptions, databaseOptions, databaseSchema, withDatabase } from "./database-options.ts";
import { drawSteps } from "./draw-steps.ts";

interface DbMigrateOptions extends DatabaseOptions {
  readonly output?: Format;
}

export const dbMigrate = defineCommand<DbMigrateOptions>({
  name: "db migrate",
  summary: "Make the tables of the database, or bring them up to this release, while proxies run",
  usage: ["--config FILE", "--database_url URL"],
  options: { ...databaseOptions, output: { value: "FORMAT", help: "table or json (table on a terminal)" } },
  schema: v.object({ ...databaseSchema, output: v.optional(format) }),
  examples: ["dheera_ai db migrate --config config.yaml"],
  async run({ options }, { output, environment }) {
    const { server, made, newer } = await withDatabase(options, environment, async (database, teams) => {
      const before = await teams.readStatus(database);
      if (!before.isSupported) throw new Failure(`${before.server} is too old: PostgreSQL 14 or newer is needed`);
      return { server: before.server, ...(await teams.migrate(database)) };
    });
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    if (!isTable) output.print(JSON.stringify({ server, made, newer }, undefined, 2));
    else if (made.length === 0) output.print(`${server}: the tables are up to date.`);
    else output.print([server, "", ...drawSteps(new Map(made.map((step) => [step, "made now"])), output)].join("\n"));
    return 0;
  },
});
