import { readFile, writeFile } from "node:fs/promises";

import { clientsPage, renewTable } from "../clients/clients-page.ts";
import { clientsTable } from "./clients-table.ts";
import { runAllCases } from "./run-cases.ts";

/** `pnpm --filter @dheera-ai/test-suite run docs:python`: runs every client and writes those that work into `docs/clients.md`. */
const ended = await runAllCases();
const page = await readFile(clientsPage, "utf8");
const table = clientsTable(ended.flatMap(({ clients }) => clients));
await writeFile(clientsPage, renewTable(page, "clients from PyPI", table));
