import { element } from "../../browser/element.ts";
import type { TypedDocument } from "../../code/request-body.ts";
import type { Movement } from "../compare/movement.ts";
import type { Answer, Result } from "../proxy-client.ts";
import type { Bars } from "./bar-lengths.ts";
import { documentView } from "./document-view.ts";
import { pageSize } from "./pager.ts";

/** What was asked: the documents as they were sent, and the query. */
export interface Asked {
  readonly query: string;
  readonly documents: readonly TypedDocument[];
  readonly top_n?: number;
}

export interface ShownResults {
  readonly answer: Answer;
  readonly bars: Bars;
  /** The rank that the page begins with, from 0. */
  readonly first: number;
  readonly documents: readonly TypedDocument[];
  /** The words of the query that are marked. */
  readonly words: readonly string[];
  /** Whether it is one of several columns. */
  readonly isNarrow: boolean;
}

/** One page of a ranking. Its movement is set by `showMovements`, which may know more later. */
export function resultList(shown: ShownResults): HTMLOListElement {
  const { answer, first } = shown;
  const rows = answer.results
    .slice(first, first + pageSize)
    .map((result, position) => row(result, first + position, shown));
  return element("ol", { class: "results", start: String(first + 1), "aria-label": answer.asked }, ...rows);
}

/** Says of each row of a list where its document is in the ranking that this one is compared with. */
export function showMovements(list: HTMLElement, movement: (index: number, rank: number) => Movement): void {
  for (const each of list.querySelectorAll<HTMLElement>("[data-document]")) {
    const { short, long } = movement(Number(each.dataset["document"]), Number(each.dataset["rank"]));
    each
      .querySelector(".movement")
      ?.replaceChildren(element("span", { "aria-hidden": "true" }, short), element("span", { class: "hidden" }, long));
  }
}

function row(result: Result, rank: number, { answer, bars, documents, words, isNarrow }: ShownResults): HTMLLIElement {
  const { index, relevance_score: score, stage, stage_score: stageScore } = result;
  const source = answer.explanation?.sources[index];
  // The score of a document that left early only puts it behind the others: what its stage said means more.
  const leftEarly = stage !== undefined && stage !== lastStage(answer);
  const bar = element("span");
  // The content security policy of the page forbids style attributes, but allows properties set by a script.
  bar.style.setProperty("--length", String(bars.lengths[rank] ?? 0));
  return element(
    "li",
    {
      "data-rank": String(rank),
      "data-document": String(index),
      tabindex: "-1",
      ...(leftEarly && { "data-left": "" }),
    },
    element("span", { class: "rank" }, String(rank + 1)),
    documentView(documents[index] ?? "", words, isNarrow),
    element(
      "div",
      { class: "figures" },
      element("span", { class: "score" }, ((leftEarly ? stageScore : undefined) ?? score).toFixed(4)),
      element("span", { class: "moved movement" }),
      ...(stage === undefined ? [] : [stageNote(stage)]),
      ...(source === undefined || source === "computed" ? [] : [element("span", { class: "moved" }, source)]),
    ),
    ...(bars.scale === "none" ? [] : [element("div", { class: "bar", "aria-hidden": "true" }, bar)]),
  );
}

function stageNote(stage: string): HTMLElement {
  return element(
    "span",
    { class: "moved stage", title: `Ranked by ${stage}` },
    element("span", { class: "hidden" }, "ranked by "),
    stage,
  );
}

/** The model that ranked the best documents: the last one that was asked and answered. */
function lastStage({ stages }: Answer): string | undefined {
  return stages.findLast(({ skipped, failed }) => skipped === undefined && failed === undefined)?.model;
}
