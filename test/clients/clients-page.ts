import { renewPart } from "../../apps/proxy/scripts/generated-parts.ts";

export const clientsPage = new URL("../../docs/clients.md", import.meta.url);

/** The page with one of its tables as a run of clients made it; `name` stands in the comments around it. */
export function renewTable(page: string, name: string, table: string): string {
  return renewPart(page, { page: clientsPage, name, render: () => table });
}
