import { commandGroup } from "../command-line/command-group.ts";
import { dbImportLitellm } from "./db-import-litellm.ts";
import { dbMigrate } from "./db-migrate.ts";
import { dbReencrypt } from "./db-reencrypt.ts";
import { dbStatus } from "./db-status.ts";

export const db = commandGroup({
  name: "db",
  summary: "Look after the database of keys, teams and spend",
  actions: [dbStatus, dbMigrate, dbImportLitellm, dbReencrypt],
  examples: ["dheera_ai db status --config config.yaml", "dheera_ai db migrate --config config.yaml"],
});
