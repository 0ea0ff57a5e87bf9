import type { Page } from "@dheera-ai/batch";

/** A list as OpenAI answers it. */
export interface ListObject {
  readonly object: "list";
  readonly data: readonly object[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/**
 * As many as were asked for, read page by page, because a caller may ask for more than a queue gives at one time.
 * @param read a page that follows the id `after`
 */
export async function listPage<Item extends { readonly id: string }>(
  { after, limit }: Pick<Page, "after" | "limit">,
  read: (page: Pick<Page, "after" | "limit">) => Promise<readonly Item[]>,
  show: (item: Item) => object,
): Promise<ListObject> {
  const items: Item[] = [];
  // One more than is wanted tells whether there are more.
  while (items.length <= limit) {
    const last = items.at(-1)?.id ?? after;
    const wanted = Math.min(mostAtOnce, limit + 1 - items.length);
    const page = await read({ limit: wanted, ...(last !== undefined && { after: last }) });
    items.push(...page);
    if (page.length < wanted) break;
  }
  const shown = items.slice(0, limit);
  return {
    object: "list",
    data: shown.map(show),
    first_id: shown[0]?.id ?? null,
    last_id: shown.at(-1)?.id ?? null,
    has_more: items.length > limit,
  };
}

const mostAtOnce = 100;
