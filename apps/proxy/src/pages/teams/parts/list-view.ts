import { element } from "../../browser/element.ts";
import type { ListQuery, Listed } from "../objects/listed.ts";
import { count, counted } from "../../parts/amounts.ts";
import type { Scene } from "../sections/scene.ts";
import { choiceField, textField } from "../../parts/fields.ts";
import { adviceOn } from "../../parts/notices.ts";
import { type Column, table, tableBody } from "../../parts/table.ts";
import { button } from "../../parts/words.ts";

interface ListOptions<Row> {
  readonly scene: Pick<Scene, "address" | "choose">;
  /** What a row is, in the singular. */
  readonly thing: string;
  /** Where its plural has more than an s. */
  readonly things?: string;
  /** A list without it cannot be searched. */
  readonly searchLabel?: string;
  readonly columns: readonly Column<Row>[];
  /** What the list can be narrowed by: one of several, or a day where nothing is offered. */
  readonly filters?: readonly Filter[];
  load(query: ListQuery): Promise<Listed<Row>>;
  /** What stands there when there is no row at all. */
  readonly empty: Node;
}

interface Filter {
  /** In the address, and in the query. */
  readonly name: string;
  readonly label: string;
  readonly offers?: readonly (readonly [value: string, words: string])[];
}

const pageSize = 25;
const typingMilliseconds = 250;

/** A list with its search and its pages. What was searched for and the page stay in the page's address. */
export async function listView<Row>(options: ListOptions<Row>): Promise<HTMLElement> {
  const { choices } = options.scene.address;
  const view = new ListView(options, choices["search"] ?? "", pageNumber(choices["page"]));
  await view.first();
  return view.place;
}

class ListView<Row> {
  readonly place = element("div", { class: "list" });
  readonly #options: ListOptions<Row>;
  readonly #field: HTMLInputElement;
  readonly #form: HTMLFormElement;
  readonly #said = element("p", { class: "quiet", role: "status" });
  readonly #table: HTMLTableElement;
  readonly #position = element("span", { class: "quiet" });
  readonly #previous = button("Previous page", () => void this.#turn(this.#page - 1));
  readonly #next = button("Next page", () => void this.#turn(this.#page + 1));
  #search: string;
  #page: number;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ListOptions<Row>, search: string, page: number) {
    this.#options = options;
    this.#search = search;
    this.#page = page;
    // Of several lists on a page each is found by its name.
    this.#form = element("form", { class: "find", role: "search", "aria-label": `Find ${this.#things()}` });
    this.#field = element("input", { type: "search", value: search, autocomplete: "off", spellcheck: "false" });
    this.#field.addEventListener("input", () => this.#typed());
    this.#form.append(
      ...(options.searchLabel === undefined
        ? []
        : [element("label", { class: "field" }, options.searchLabel, this.#field)]),
      ...(options.filters ?? []).map((filter) => filterField(filter, options.scene.address.choices[filter.name])),
    );
    this.#form.addEventListener("change", ({ target }) => {
      if (target !== this.#field) this.#typed(0);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#typed(0);
    });
    this.#table = table(this.#things(), options.columns, []);
  }

  /** Errors of the first page are the section's, which says what to do in place of the list. */
  async first(): Promise<void> {
    const found = await this.#load();
    if (found.total === 0 && !this.#isNarrowed()) {
      this.place.replaceChildren(this.#options.empty);
      return;
    }
    const pager = element(
      "nav",
      { class: "pager", "aria-label": `Pages of ${this.#things()}` },
      this.#previous,
      this.#position,
      this.#next,
    );
    this.#form.append(this.#said);
    this.place.replaceChildren(this.#form, this.#table, pager);
    this.#show(found);
  }

  #typed(milliseconds: number = typingMilliseconds): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#search = this.#field.value.trim();
      void this.#turn(1);
    }, milliseconds);
  }

  async #turn(page: number): Promise<void> {
    const last = this.#page;
    this.#page = page;
    const asked = ++this.#asked;
    this.#table.setAttribute("aria-busy", "true");
    try {
      const found = await this.#load();
      // An answer that is overtaken by that to a later letter is for nobody.
      if (asked === this.#asked) this.#show(found);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#page = last;
      this.#said.textContent = adviceOn(error);
    } finally {
      if (asked === this.#asked) this.#table.removeAttribute("aria-busy");
    }
  }

  #load(): Promise<Listed<Row>> {
    return this.#options.load({ page: this.#page, size: pageSize, search: this.#search, filters: this.#filters() });
  }

  /** What is chosen now. */
  #filters(): Readonly<Record<string, string>> {
    const form = new FormData(this.#form);
    const names = (this.#options.filters ?? []).map(({ name }) => name);
    return Object.fromEntries(names.map((name) => [name, String(form.get(name) ?? "")]));
  }

  #isNarrowed(): boolean {
    return this.#search !== "" || Object.values(this.#filters()).some((value) => value !== "");
  }

  #show({ rows, total }: Listed<Row>): void {
    const { columns, thing, scene } = this.#options;
    this.#table.tBodies[0]?.replaceWith(tableBody(columns, rows));
    this.#table.hidden = rows.length === 0;
    const first = (this.#page - 1) * pageSize;
    this.#said.textContent =
      total === 0 && this.#isNarrowed() ? this.#noneFound() : counted(total, thing, this.#things());
    this.#position.textContent =
      rows.length === 0 ? "" : `${count(first + 1)}–${count(first + rows.length)} of ${count(total)}`;
    this.#allow(this.#previous, this.#page > 1);
    this.#allow(this.#next, first + rows.length < total && rows.length > 0);
    if (this.#previous.parentElement) this.#previous.parentElement.hidden = total <= pageSize && this.#page === 1;
    scene.choose({
      ...scene.address.choices,
      ...this.#filters(),
      search: this.#search,
      page: this.#page === 1 ? "" : String(this.#page),
    });
  }

  #things(): string {
    const { thing, things = `${thing}s` } = this.#options;
    return things;
  }

  #noneFound(): string {
    const { thing, filters } = this.#options;
    return filters
      ? `No ${thing} is like that. Choose less.`
      : `No ${thing} is called so. Search for less of the name.`;
  }

  /** `disabled` would take the focus away from who turns pages with the keyboard. */
  #allow(turn: HTMLButtonElement, isAllowed: boolean): void {
    turn.setAttribute("aria-disabled", String(!isAllowed));
  }
}

function filterField({ name, label, offers }: Filter, chosen = ""): HTMLElement {
  return offers
    ? choiceField(name, label, offers, offers.some(([value]) => value === chosen) ? chosen : "")
    : textField(name, { label, type: "date", value: chosen });
}

function pageNumber(text: string | undefined): number {
  const page = Number(text);
  return Number.isInteger(page) && page >= 1 ? page : 1;
}
