import { element } from "../browser/element.ts";

export interface Column<Row> {
  readonly head: string;
  /** Of what is compared by its digits: to the right. */
  readonly isNumber?: boolean;
  cell(row: Row): Node | string;
}

/** A table; on a small screen each row becomes a card, whose cells are labelled with the heads of their columns. */
export function table<Row>(label: string, columns: readonly Column<Row>[], rows: readonly Row[]): HTMLTableElement {
  return element(
    "table",
    // With roles, because some browsers take a table that is laid out as cards for none.
    { class: "cards", role: "table", "aria-label": label },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...columns.map((column) => headOf(column)))),
    tableBody(columns, rows),
  );
}

export function tableBody<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): HTMLTableSectionElement {
  return element(
    "tbody",
    { role: "rowgroup" },
    ...rows.map((row) => element("tr", { role: "row" }, ...columns.map((column) => cellOf(column, row)))),
  );
}

function headOf<Row>({ head, isNumber }: Column<Row>): HTMLElement {
  return element("th", { scope: "col", role: "columnheader", ...(isNumber && { class: "number" }) }, head);
}

function cellOf<Row>({ head, isNumber, cell }: Column<Row>, row: Row): HTMLElement {
  const attributes = { role: "cell", "data-label": head, ...(isNumber && { class: "number" }) };
  return element("td", attributes, cell(row));
}
