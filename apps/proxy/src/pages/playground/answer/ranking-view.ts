import { element, find, setText } from "../../browser/element.ts";
import type { TypedDocument } from "../../code/request-body.ts";
import type { Answer } from "../proxy-client.ts";
import { type Bars, barLengths } from "./bar-lengths.ts";
import { documentView } from "./document-view.ts";
import { showExplanations } from "./explain-view.ts";
import { showFacts } from "./facts-view.ts";
import { wordsOf } from "./highlight.ts";
import { type Movement, compareRankings, movementOf, rankOf } from "./movement.ts";
import { Pager, pageSize } from "./pager.ts";

/** What was asked: the documents as they were sent, and the query. */
export interface Asked {
  readonly query: string;
  readonly documents: readonly TypedDocument[];
}

/** One model's ranking, ready to be drawn. */
interface Column {
  readonly answer: Answer;
  readonly bars: Bars;
  /** Of a result, in comparison with the order of the request or with the other model. */
  readonly movement: (index: number, rank: number) => Movement;
}

/** Shows the answers of one model, or of two side by side, a page at a time. */
export class RankingView {
  readonly #place = find("ranking", HTMLElement);
  readonly #pager = new Pager((focusRank) => this.#drawPage(focusRank ?? this.#pager.first));
  #columns: readonly Column[] = [];
  #documents: readonly TypedDocument[] = [];
  #words: readonly string[] = [];

  show(answers: readonly Answer[], { query, documents }: Asked): void {
    const [first, second] = answers;
    if (!first) return;
    this.#documents = documents;
    this.#words = wordsOf(query);
    this.#columns = answers.map((answer) => columnOf(answer, answer === second ? first : undefined));
    this.#place.toggleAttribute("data-compared", second !== undefined);
    const longest = Math.max(...answers.map(({ results }) => results.length));
    this.#pager.reset(longest, rankOf(indicesOf(first)));
    this.#drawPage();
    find("invitation", HTMLElement).hidden = true;
    setText("comparison", second ? compareRankings(indicesOf(first), indicesOf(second)) : "");
    setText("scale", scaleOf(this.#columns));
    showWarnings(answers);
    showFacts(answers);
    showExplanations(answers);
  }

  clear(): void {
    this.#columns = [];
    this.#pager.reset(0, new Map());
    this.#place.replaceChildren();
    for (const id of ["comparison", "scale"]) setText(id, "");
    showWarnings([]);
    showFacts([]);
    showExplanations([]);
  }

  /** @param focusRank the rank whose row gets the focus, so that a keyboard goes on from there */
  #drawPage(focusRank?: number): void {
    this.#place.replaceChildren(...this.#columns.map((column) => this.#drawColumn(column)));
    if (focusRank === undefined) return;
    const row = this.#place.querySelector<HTMLElement>(`[data-rank="${focusRank}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: focusRank === this.#pager.first ? "nearest" : "center" });
  }

  #drawColumn({ answer, bars, movement }: Column): HTMLElement {
    const first = this.#pager.first;
    const rows = answer.results.slice(first, first + pageSize).map(({ index, relevance_score: score }, position) => {
      const rank = first + position;
      const source = answer.explanation?.sources[index];
      const document = this.#documents[index] ?? "";
      return rowOf({
        rank,
        score,
        length: bars.lengths[rank] ?? 0,
        movement: movement(index, rank),
        note: source === undefined || source === "computed" ? "" : source,
        document: documentView(document, this.#words),
      });
    });
    const list = element("ol", { class: "results", start: String(first + 1), "aria-label": answer.asked }, ...rows);
    if (this.#columns.length === 1) return list;
    return element("section", { class: "column" }, element("h3", {}, answer.asked), list);
  }
}

function columnOf(answer: Answer, other: Answer | undefined): Column {
  const bars = barLengths(
    answer.results.map(({ relevance_score }) => relevance_score),
    answer.scoreKind,
  );
  if (!other) return { answer, bars, movement: (index, rank) => fromInput(index, rank) };
  const ranks = rankOf(indicesOf(other));
  return { answer, bars, movement: (index, rank) => movementOf(rank, ranks.get(index), other.asked) };
}

/** In comparison with the order in which the documents were sent. */
function fromInput(index: number, rank: number): Movement {
  const arrow = index > rank ? "↑ " : index < rank ? "↓ " : "";
  return { short: `${arrow}was ${index + 1}`, long: `document ${index + 1}` };
}

interface Row {
  readonly rank: number;
  readonly score: number;
  readonly length: number;
  readonly movement: Movement;
  /** Where the score came from, unless it was computed. */
  readonly note: string;
  readonly document: HTMLElement;
}

function rowOf({ rank, score, length, movement, note, document }: Row): HTMLLIElement {
  const bar = element("span");
  const made = element(
    "li",
    { "data-rank": String(rank), tabindex: "-1" },
    element("span", { class: "rank" }, String(rank + 1)),
    document,
    element(
      "div",
      { class: "figures" },
      element("span", { class: "score" }, score.toFixed(4)),
      element(
        "span",
        { class: "moved" },
        element("span", { "aria-hidden": "true" }, movement.short),
        element("span", { class: "hidden" }, movement.long),
      ),
      ...(note === "" ? [] : [element("span", { class: "moved" }, note)]),
    ),
    element("div", { class: "bar", "aria-hidden": "true" }, bar),
  );
  // The content security policy of the page forbids style attributes, but allows properties set by a script.
  bar.style.setProperty("--length", String(length));
  return made;
}

function scaleOf(columns: readonly Column[]): string {
  if (columns.every(({ answer }) => answer.results.length === 0)) return "";
  if (columns.every(({ bars }) => bars.scale === "absolute")) return "Bars run from 0 to 1.";
  return columns.length === 1
    ? "Bars are relative to the best score: this model’s scores have no scale of their own."
    : "Bars are relative to the best score where a model’s scores have no scale of their own.";
}

function showWarnings(answers: readonly Answer[]): void {
  const warnings = answers.flatMap((answer) =>
    answer.warnings.map((warning) => (answers.length > 1 ? `${answer.asked}: ${warning}` : warning)),
  );
  const list = find("warnings", HTMLUListElement);
  list.replaceChildren(...warnings.map((warning) => element("li", {}, warning)));
  list.hidden = warnings.length === 0;
}

function indicesOf({ results }: Answer): readonly number[] {
  return results.map(({ index }) => index);
}
