import { element, find, setText } from "../element.ts";
import type { Answer } from "../proxy-client.ts";
import type { TypedDocument } from "../request/read-documents.ts";
import { barLengths } from "./bar-lengths.ts";

/** Shows an answer beside the documents it ranks. */
export function showRanking(answer: Answer, documents: readonly TypedDocument[]): void {
  const { results } = answer;
  const scores = results.map(({ relevance_score }) => relevance_score);
  const { lengths, scale } = barLengths(scores, answer.scoreKind);
  const rows = results.map(({ index, relevance_score }, position) => {
    return row({
      position,
      index,
      score: relevance_score,
      length: lengths[position] ?? 0,
      text: textOf(documents[index]),
    });
  });
  find("ranking", HTMLOListElement).replaceChildren(...rows);
  find("invitation", HTMLElement).hidden = true;
  setText(
    "scale",
    results.length === 0
      ? ""
      : scale === "absolute"
        ? "Bars run from 0 to 1."
        : "Bars are relative to the best score: this model’s scores have no scale of their own.",
  );
  showWarnings(answer.warnings);
  showFacts(answer);
}

export function clearRanking(): void {
  for (const id of ["ranking", "warnings", "facts", "scale"]) {
    const part = find(id, HTMLElement);
    part.replaceChildren();
    part.hidden = id !== "ranking";
  }
}

interface Row {
  readonly position: number;
  readonly index: number;
  readonly score: number;
  readonly length: number;
  readonly text: string;
}

function row({ position, index, score, length, text }: Row): HTMLLIElement {
  const bar = element("span");
  const made = element(
    "li",
    {},
    element("span", { class: "rank" }, String(position + 1)),
    element("p", { class: "text", title: text }, text),
    element(
      "div",
      { class: "figures" },
      element("span", { class: "score" }, score.toFixed(4)),
      element("span", { class: "moved" }, moved(index, position)),
    ),
    element("div", { class: "bar", "aria-hidden": "true" }, bar),
  );
  // The content security policy of the page forbids style attributes, but allows properties set by a script.
  bar.style.setProperty("--length", String(length));
  return made;
}

function moved(index: number, position: number): string {
  const arrow = index > position ? "↑ " : index < position ? "↓ " : "";
  return `${arrow}was ${index + 1}`;
}

function textOf(document: TypedDocument | undefined): string {
  if (typeof document === "string" || document === undefined) return document ?? "";
  return typeof document["text"] === "string" ? document["text"] : JSON.stringify(document);
}

function showWarnings(warnings: readonly string[]): void {
  const list = find("warnings", HTMLUListElement);
  list.replaceChildren(...warnings.map((warning) => element("li", {}, warning)));
  list.hidden = warnings.length === 0;
}

function showFacts({ model, facts }: Answer): void {
  const shown = [
    ["Time", milliseconds(facts["response-duration-ms"])],
    ["Overhead", milliseconds(facts["overhead-duration-ms"])],
    ["Batches", facts["batches"]],
    ["Cache", cacheFact(facts["cache-hits"], facts["cache-misses"])],
    ["Retries", facts["attempted-retries"]],
    ["Fallbacks", facts["attempted-fallbacks"] === "0" ? undefined : facts["attempted-fallbacks"]],
    ["Served by", model],
  ] as const;
  const list = find("facts", HTMLDListElement);
  list.replaceChildren(
    ...shown.flatMap(([name, value]) =>
      value === undefined ? [] : [element("div", {}, element("dt", {}, name), element("dd", {}, value))],
    ),
  );
  list.hidden = false;
}

function milliseconds(value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${Number(value).toLocaleString("en", { maximumSignificantDigits: 3 })} ms`;
}

function cacheFact(hits: string | undefined, misses: string | undefined): string | undefined {
  const asked = Number(hits) + Number(misses);
  return asked > 0 ? `${hits} of ${asked} known` : undefined;
}
