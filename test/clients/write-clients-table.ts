import { readFile, writeFile } from "node:fs/promises";

import { clientsPage, renewTable } from "./clients-page.ts";
import { clientsTable } from "./clients-table.ts";
import type { ClientReport } from "./rank-with-client.ts";
import { clientFiles, runClient } from "./run-clients.ts";
import { startScriptedProxy } from "./scripted-proxy.ts";

/** `pnpm --filter @dheera-ai/test-suite run docs`: runs every client and writes what it showed into `docs/clients.md`. */
await using proxy = await startScriptedProxy();
const reports: ClientReport[] = [];
for (const file of await clientFiles()) reports.push(await runClient(file, proxy));
const page = await readFile(clientsPage, "utf8");
await writeFile(clientsPage, renewTable(page, "clients from npm", await clientsTable(reports)));
