import { pageOf } from "../objects/listed.ts";
import { type Column, table } from "../../parts/table.ts";
import { listView } from "./list-view.ts";

/** A table of rows that are all here; of many, with a search and pages. @param names what is searched */
export async function rowTable<Row>(
  thing: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  names: (row: Row) => readonly string[],
): Promise<HTMLElement> {
  const label = `${thing.slice(0, 1).toUpperCase()}${thing.slice(1)}s`;
  if (rows.length <= mostTogether) return table(label, columns, rows);
  return listView({
    // What is searched for here is not kept: the address is that of the list around it.
    scene: { address: { section: "overview", choices: {} }, choose() {} },
    thing,
    searchLabel: `Search among ${label.toLowerCase()}`,
    columns,
    load: (query) => Promise.resolve(pageOf(rows, query, names)),
    empty: table(label, columns, rows),
  });
}

const mostTogether = 25;
