import type { Found, Store } from "@dheera-ai/teams";

import type { Call } from "../call.ts";
import { mostRows } from "../query.ts";

/** Rows of a list that LiteLLM answers as a whole; what is beyond is read by pages. */
export const mostListed = 1_000;

type Listing<Row, Filter> = Pick<Store<Row, Filter>, "list">;
type Asking = Pick<Call, "query" | "headers" | "warn">;

/**
 * The rows that a plain list answers: of the page that is asked for, or the first thousand. How many there are is in `x-total-count`, and
 * where the next ones are in `link`: the list itself has no room for either.
 * @param name what the rows are, in the plural
 */
export async function listedRows<Row, Filter>(
  call: Asking,
  name: string,
  store: Listing<Row, Filter>,
  filter: Filter,
): Promise<readonly Row[]> {
  const { query, headers } = call;
  const isPage = asksForPage(call);
  const { page, size } = isPage ? query.page("page_size", mostRows) : { page: 1, size: mostListed };
  const { rows, total } = await store.list(filter, { page, size });
  headers["x-total-count"] = String(total);
  if (page * size >= total) return rows;
  const next = isPage ? { page: page + 1, page_size: size } : { page: mostListed / mostRows + 1, page_size: mostRows };
  headers["link"] = `<?${query.with(next)}>; rel="next"`;
  if (!isPage)
    call.warn(
      `${name}: these are the latest ${mostListed} of ${total}; ask for the others by pages, with page=${next.page} and page_size=${next.page_size}`,
    );
  return rows;
}

/** Whether a list is asked for by pages. */
export function asksForPage({ query }: Pick<Call, "query">): boolean {
  return query.text("page") !== undefined || query.text("page_size") !== undefined;
}

/**
 * The latest rows that belong to something, for answers that show it with them.
 * @param name the field of the answer @param others where the others are listed
 */
export async function latestRows<Row, Filter>(
  { warn }: Pick<Call, "warn">,
  name: string,
  others: string,
  store: Listing<Row, Filter>,
  filter: Filter,
): Promise<readonly Row[]> {
  const found: Found<Row> = await store.list(filter, { page: 1, size: mostListed });
  if (found.total > found.rows.length)
    warn(`${name}: these are the latest ${found.rows.length} of ${found.total}; list the others with ${others}`);
  return found.rows;
}
