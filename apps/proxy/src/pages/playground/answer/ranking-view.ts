import { find } from "../../browser/element.ts";
import { agreementOf } from "../compare/agreement.ts";
import { ColumnChooser } from "../compare/column-chooser.ts";
import { linesBetween } from "../compare/lines.ts";
import { movementFromInput, movementOf } from "../compare/movement.ts";
import { followDocument } from "../compare/spotlight.ts";
import { Column, type Drawable, type Outcome } from "./column.ts";
import { markCut } from "./document-view.ts";
import { wordsOf } from "./highlight.ts";
import { Pager, pageSize } from "./pager.ts";
import { type Asked, resultList, showMovements } from "./result-list.ts";
import { leadThroughRows, stopAt } from "./row-keys.ts";
import { showSurroundings } from "../facts/surroundings.ts";

/** One request, and the models that it goes to. */
interface Run {
  readonly asked: Asked;
  readonly columns: readonly Column[];
}

const nothing: Run = { asked: { query: "", documents: [] }, columns: [] };

/** Shows the answer of one model, or those of several side by side as they arrive, a page at a time. */
export class RankingView {
  readonly #place = find("ranking", HTMLElement);
  readonly #pager = new Pager((focusRank) => this.#turn(focusRank ?? this.#pager.first));
  readonly #chooser = new ColumnChooser();
  readonly #drawn: () => void;
  /** What is on the page. */
  #shown = nothing;
  /** What was asked last: the answer of one model takes the place of the one before only when it is there. */
  #latest = nothing;
  #words: readonly string[] = [];

  /** @param drawn called when there are new rows */
  constructor(drawn: () => void) {
    this.#drawn = drawn;
    followDocument(this.#place);
    leadThroughRows(this.#place);
    new ResizeObserver(() => this.#measure()).observe(this.#place);
  }

  /** What the rows on the page are an answer to. */
  get asked(): Asked {
    return this.#shown.asked;
  }

  /** The documents that any of the models has among its best. */
  best(count: number): ReadonlySet<number> {
    return new Set(this.#answers().flatMap(({ order }) => order.slice(0, count)));
  }

  /** Makes room for the answers of these models. */
  begin(models: readonly string[], asked: Asked): void {
    this.#latest = { asked, columns: models.map((model) => new Column(model)) };
    if (models.length > 1) this.#makeRoom();
    else if (this.#shown.columns.length > 1) this.clear();
  }

  /** @param position of the model among those of `begin` */
  settle(position: number, outcome: Outcome): void {
    const column = this.#latest.columns[position];
    if (!column) return;
    column.settle(outcome);
    if (this.#latest.columns.length === 1) return column.drawable && this.#showAlone(column.drawable);
    const [first] = this.#answers();
    this.#pager.update(this.#longest(), first?.ranks ?? new Map());
    this.#drawList(column);
    this.#showMoves();
    this.#showAgreement();
    showSurroundings(this.#answers(), true);
  }

  clear(): void {
    this.#shown = nothing;
    delete this.#place.dataset["columns"];
    this.#place.replaceChildren();
    this.#pager.reset(0, new Map());
    this.#chooser.offer([]);
    showSurroundings([], false);
  }

  #makeRoom(): void {
    const { columns, asked } = (this.#shown = this.#latest);
    this.#words = wordsOf(asked.query);
    const expected = Math.min(asked.documents.length, asked.top_n ?? Infinity);
    this.#pager.reset(expected, new Map());
    for (const { view } of columns) view.wait(Math.min(expected, pageSize));
    this.#place.dataset["columns"] = String(columns.length);
    this.#place.replaceChildren(...columns.map(({ view }) => view.place));
    this.#chooser.offer(columns);
    showSurroundings([], true);
  }

  #showAlone(drawable: Drawable): void {
    this.#shown = this.#latest;
    this.#words = wordsOf(this.asked.query);
    this.#pager.reset(drawable.order.length, drawable.ranks);
    this.#drawPage();
    showSurroundings([drawable], false);
  }

  /** @param focusRank the rank whose row gets the focus, so that a keyboard goes on from there */
  #turn(focusRank: number): void {
    this.#drawPage();
    const row = this.#place.querySelector<HTMLElement>(`[data-rank="${focusRank}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: focusRank === this.#pager.first ? "nearest" : "center" });
  }

  #drawPage(): void {
    for (const column of this.#shown.columns) this.#drawList(column);
    this.#showMoves();
  }

  #drawList({ view, drawable }: Column): void {
    if (!drawable) return;
    const { columns, asked } = this.#shown;
    const isNarrow = columns.length > 1;
    const { documents } = asked;
    const list = resultList({ ...drawable, documents, isNarrow, first: this.#pager.first, words: this.#words });
    if (isNarrow) view.list(list);
    else this.#place.replaceChildren(list);
  }

  /** Says in the rows where each document is in the first ranking that answered, and joins neighbours by lines. */
  #showMoves(): void {
    const { columns } = this.#shown;
    const first = this.#firstAnswered();
    for (const [position, column] of columns.entries()) {
      const { view, drawable } = column;
      if (!first?.drawable || !drawable) continue;
      const { answer, ranks } = first.drawable;
      showMovements(columns.length > 1 ? view.place : this.#place, (index, rank) =>
        column === first ? movementFromInput(index, rank) : movementOf(rank, ranks.get(index), answer.asked),
      );
      this.#drawLines(column, columns[position + 1]);
    }
    stopAt(this.#place);
    this.#drawn();
    this.#measure();
  }

  /** How far each ranking agrees with the first that answered. */
  #showAgreement(): void {
    const { columns, asked } = this.#shown;
    const first = this.#firstAnswered();
    for (const column of columns) {
      if (!first?.drawable || !column.drawable) continue;
      const { answer } = first.drawable;
      const { results } = column.drawable.answer;
      column.view.agree(
        column === first
          ? undefined
          : { beside: answer.asked, ...agreementOf(answer.results, results, asked.documents.length) },
      );
    }
  }

  #firstAnswered(): Column | undefined {
    return this.#shown.columns.find(({ drawable }) => drawable);
  }

  #drawLines({ view, drawable }: Column, next: Column | undefined): void {
    if (!drawable || !next?.drawable) return;
    const page = { first: this.#pager.first, size: pageSize };
    view.lines.draw(linesBetween(drawable, next.drawable, page));
  }

  /** What depends on where rows are and how wide: a narrower window and unfolding a document change it. */
  #measure(): void {
    const { columns } = this.#shown;
    markCut(this.#place);
    for (const [position, { view }] of columns.entries()) {
      const next = columns[position + 1];
      if (next) view.lines.measure(view.place, next.view.place);
    }
  }

  /** Results of the longest ranking, or those that are expected while one is missing. */
  #longest(): number {
    const { columns, asked } = this.#shown;
    const isWaiting = columns.some(({ isSettled }) => !isSettled);
    const expected = isWaiting ? Math.min(asked.documents.length, asked.top_n ?? Infinity) : 0;
    return Math.max(expected, ...this.#answers().map(({ order }) => order.length));
  }

  #answers(): readonly Drawable[] {
    return this.#shown.columns.flatMap(({ drawable }) => (drawable ? [drawable] : []));
  }
}
