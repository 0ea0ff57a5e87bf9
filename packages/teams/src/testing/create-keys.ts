/**
 * One of several processes that write at once: `create-keys.ts <url> <name> <how many>`. Prints how many keys it made, and how many it
 * then finds of that name.
 */
import { openTeams } from "../open-teams.ts";

const [url = "", name = "", count] = process.argv.slice(2);
const log = { info() {}, warn: console.error, error: console.error };
const teams = await openTeams({ database_url: url, spend_journal: "" }, { log, version: "1.0.0" });
const actor = { name };
for (let number = 0; number < Number(count); number++)
  await teams.stores.keys.create(actor, { key_alias: `${name} ${number}` });
const { rows } = await teams.stores.keys.list({}, { page: 1, size: 1000 });
console.log(`made ${count} of ${rows.filter(({ created_by }) => created_by === name).length}`);
await teams.close();
