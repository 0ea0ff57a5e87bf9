import * as v from "valibot";

import { defineCommand } from "../command-line/define-command.ts";
import { type Format, format } from "../command-line/values.ts";
import { type DatabaseOptions, databaseOptions, databaseSchema, withDatabase } from "./database-options.ts";

interface DbReencryptOptions extends DatabaseOptions {
  readonly output?: Format;
}

export const dbReencrypt = defineCommand<DbReencryptOptions>({
  name: "db reencrypt",
  summary: "Encrypt the secrets in the database with the current key, so that previous ones can be forgotten",
  usage: ["--config FILE    # with DHEERA_AI_SALT_KEY and DHEERA_AI_PREVIOUS_SALT_KEYS set", "--database_url URL"],
  options: { ...databaseOptions, output: { value: "FORMAT", help: "table or json (table on a terminal)" } },
  schema: v.object({ ...databaseSchema, output: v.optional(format) }),
  examples: ["dheera_ai db reencrypt --config config.yaml"],
  async run({ options }, { output, environment, printError }) {
    const { reencrypted, current, failures } = await withDatabase(
      options,
      environment,
      async (database, teams, variables) => teams.reencryptSecrets(database.db, await teams.openSecrets(variables)),
    );
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    output.print(
      isTable
        ? `Encrypted with the current key now: ${reencrypted}. Were already: ${current}. Left as they are: ${failures.length}.`
        : JSON.stringify({ reencrypted, current, failures }, undefined, 2),
    );
    for (const failure of failures) printError(failure);
    return failures.length > 0 ? 1 : 0;
  },
});
