import type { Store } from "@dheera-ai/teams";

import { mostRows } from "../query.ts";

/** Every row of a filter, for LiteLLM's lists without pages. */
export async function allRows<Row, Filter>(
  store: Pick<Store<Row, Filter>, "list">,
  filter: Filter,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let page = 1; ; page++) {
    const found = await store.list(filter, { page, size: mostRows });
    rows.push(...found.rows);
    if (found.rows.length === 0 || rows.length >= found.total) return rows;
  }
}
