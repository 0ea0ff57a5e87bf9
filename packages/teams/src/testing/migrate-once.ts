/** One of several processes that start at once: prints the steps that it made. */
import { openDatabase } from "../database/open-database.ts";
import { migrate } from "../migrations/migrate.ts";

const database = await openDatabase(process.argv[2] ?? "");
const { made } = await migrate(database);
console.log(JSON.stringify(made));
await database.close();
