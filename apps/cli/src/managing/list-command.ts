import * as v from "valibot";

import type { Command } from "../command-line/command.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { type ManagedProxy, openProxy } from "./ask-proxy.ts";
import type { ListColumn } from "./columns.ts";
import { type Fields, optionsOf, parametersOf, schemasOf } from "./fields.ts";
import { ListPrinter } from "./list-printer.ts";
import { formatOf, listOptions, listSchema, proxyOptions, proxySchema } from "./proxy-options.ts";
import { type Row, numberOf, readRow, readRows, textOf } from "./rows.ts";

/** A list of the proxy, and how it is shown. */
export interface ListDefinition {
  /** `keys list` */
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly path: string;
  /** Parameters that are always sent. */
  readonly parameters?: Row;
  readonly filters: Fields;
  /** The field of the answer that holds the list; absent where the answer is the list. */
  readonly field?: string;
  /** What the proxy calls the size of a page; absent where there are no pages. */
  readonly pageSize?: "size" | "page_size";
  /** Pages follow the last row of the one before, as OpenAI's do. */
  readonly followsLast?: boolean;
  /** The field that identifies a row. */
  readonly id: string;
  readonly columns: readonly ListColumn[];
  /** Names of fields, in the order of a spreadsheet. */
  readonly fields: readonly string[];
  /** What is said where there is none. */
  readonly none: string;
}

/** Prints a list to its end, page by page: no more than three pages are held at one time. */
export function listCommand(list: ListDefinition): Command {
  const { name, summary, examples, filters } = list;
  return defineCommand<Row>({
    name,
    summary,
    examples,
    usage: [`--api_base URL${Object.keys(filters).length === 0 ? "" : " [--filter VALUE …]"} [--json|--csv]`],
    options: { ...optionsOf(filters), ...proxyOptions, ...listOptions },
    schema: v.object({ ...schemasOf(filters), ...proxySchema, ...listSchema }),
    async run({ options }, terminal) {
      const shared = v.parse(sharedSchema, options);
      const format = formatOf(shared, terminal.output);
      const wanted = { ...list.parameters, ...parametersOf(filters, options) };
      await using proxy = await openProxy(shared, terminal);
      const printer = await ListPrinter.open(format, list, terminal.output);
      let isWhole = true;
      const missing = (): void => void (isWhole = false);
      for await (const rows of pagesOf(proxy, list, wanted, shared.api_base, missing)) printer.add(rows);
      printer.end();
      if (!isWhole)
        terminal.printError(
          "Warning: rows were deleted while the list was read, and it may miss some; list them again.",
        );
      return 0;
    },
  });
}

const sharedSchema = v.object({
  api_base: v.string(),
  api_key: v.optional(v.string()),
  output: v.optional(v.picklist(["table", "json", "csv"])),
  json: v.optional(v.boolean()),
  csv: v.optional(v.boolean()),
});

/**
 * The latest are the first. What is added meanwhile moves the last rows of a page to the next, which are left out there. What is deleted
 * moves the first rows of a page to the one before, which is then read again.
 * @param missing called where that cannot be told of all
 */
async function* pagesOf(
  proxy: ManagedProxy,
  list: ListDefinition,
  wanted: Row,
  base: string,
  missing: () => void,
): AsyncGenerator<readonly Row[]> {
  const { path, field, pageSize, id } = list;
  if (list.followsLast === true) return yield* pagesThatFollow(proxy, list, wanted, base);
  if (field === undefined && pageSize !== undefined) return yield* plainPages(proxy, list, wanted, base);
  if (pageSize === undefined) {
    yield readRows(await proxy.ask("GET", path, wanted), field, base);
    return;
  }
  const read = async (page: number): Promise<PageOfRows> => {
    const answer = readRow(await proxy.ask("GET", path, { ...wanted, page, [pageSize]: rowsOfPage }), base);
    const rows = readRows(answer, field, base);
    const total = answer["total"] ?? answer["total_count"];
    return { rows, ids: idsOf(rows, id), pages: numberOf(answer, "total_pages", base), total };
  };
  let before: PageOfRows | undefined;
  for (let page = 1, pages = 1; page <= pages; page++) {
    let next = await read(page);
    for (let attempt = 1; before !== undefined && hasShrunk(before, next); attempt++) {
      const again = await read(page - 1);
      yield without(again.rows, before.ids, id);
      const mayBeMore = !again.rows.some((row) => before?.ids.has(textOf(row, id))) || attempt === mostAttempts;
      before = again;
      if (mayBeMore) {
        missing();
        break;
      }
      next = await read(page);
    }
    yield without(next.rows, before?.ids ?? new Set(), id);
    before = next;
    pages = next.pages;
  }
}

/** Nothing is missed or repeated, whatever is added or deleted meanwhile. */
async function* pagesThatFollow(
  proxy: ManagedProxy,
  { path, field, id }: ListDefinition,
  wanted: Row,
  base: string,
): AsyncGenerator<readonly Row[]> {
  let last: string | undefined;
  for (;;) {
    const after = last === undefined ? {} : { after: last };
    const answer = readRow(await proxy.ask("GET", path, { ...wanted, limit: rowsThatFollow, ...after }), base);
    const rows = readRows(answer, field, base);
    yield rows;
    const next = textOf(rows.at(-1) ?? {}, id);
    // A server that names the same row again would never end.
    if (answer["has_more"] !== true || next === "" || next === last) return;
    last = next;
  }
}

/** Pages that say nothing of each other: one that is not full is the last. A proxy that knows no pages of a list answers all of it. */
async function* plainPages(
  proxy: ManagedProxy,
  { path, pageSize = "page_size", id }: ListDefinition,
  wanted: Row,
  base: string,
): AsyncGenerator<readonly Row[]> {
  let before: ReadonlySet<string> = new Set();
  for (let page = 1; ; page++) {
    const rows = readRows(await proxy.ask("GET", path, { ...wanted, page, [pageSize]: rowsOfPage }), undefined, base);
    const others = without(rows, before, id);
    yield others;
    if (rows.length !== rowsOfPage || others.length === 0) return;
    before = idsOf(rows, id);
  }
}

interface PageOfRows {
  readonly rows: readonly Row[];
  readonly ids: ReadonlySet<string>;
  readonly pages: number;
  /** How many rows there are on all pages; not every list says it. */
  readonly total: unknown;
}

function hasShrunk({ total: before }: PageOfRows, { total: now }: PageOfRows): boolean {
  return typeof before === "number" && typeof now === "number" && now < before;
}

function idsOf(rows: readonly Row[], id: string): ReadonlySet<string> {
  return new Set(rows.map((row) => textOf(row, id)));
}

function without(rows: readonly Row[], seen: ReadonlySet<string>, id: string): readonly Row[] {
  return rows.filter((row) => !seen.has(textOf(row, id)));
}

/** The most that lists of the proxy give. */
const rowsOfPage = 500;
const rowsThatFollow = 100;
/** To read a page again while rows are deleted one after the other. */
const mostAttempts = 5;
