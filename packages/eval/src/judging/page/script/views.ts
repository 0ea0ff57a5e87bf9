import type { Verdict } from "../../judgements.ts";
import type { DocumentText, JudgingState, StateOfQuery } from "../../server/exchange.ts";
import { find } from "./find.ts";
import { verdictAt } from "./judging-client.ts";
import { type Place, placeIn } from "./places.ts";

const words = new Map<Verdict, string>([
  [2, "relevant"],
  [1, "partly relevant"],
  [0, "not relevant"],
  ["skipped", "skipped"],
]);

export function showPair(state: JudgingState, place: Place, { title, text }: DocumentText): void {
  find("asked", HTMLElement).hidden = false;
  find("done", HTMLElement).hidden = true;
  const at = state.queries.findIndex(({ id }) => id === place.query);
  const query = state.queries[at];
  const position = query?.documents.findIndex(({ id }) => id === place.document) ?? 0;
  write("place", `${at + 1} of ${state.queries.length}, document ${position + 1} of ${query?.documents.length ?? 0}`);
  write("query", query?.text ?? "");
  write("title", title);
  write("text", text.trim() === "" ? "(this document is empty)" : text);
  find("document", HTMLElement).scrollTop = 0;
  const verdict = verdictAt(state, place);
  write("before", verdict === null ? "" : `Judged as ${words.get(verdict) ?? verdict}; another key changes it.`);
  for (const button of document.querySelectorAll<HTMLElement>("[data-verdict]"))
    button.setAttribute("aria-pressed", String(button.dataset["verdict"] === String(verdict)));
}

export function showDone(state: JudgingState): void {
  find("asked", HTMLElement).hidden = true;
  find("done", HTMLElement).hidden = false;
  const { judged, skipped } = sums(state.queries);
  const without = skipped === 0 ? "" : `, ${skipped} ${skipped === 1 ? "document was" : "documents were"} skipped`;
  write("sum", `${judged} ${judged === 1 ? "judgement is" : "judgements are"} written${without}.`);
  write("next", state.nextCommand);
}

export function showProgress(state: JudgingState): void {
  const { all, judged, skipped } = sums(state.queries);
  const bar = find("far", HTMLProgressElement);
  bar.max = Math.max(1, all);
  bar.value = judged + skipped;
  const left = all - judged - skipped;
  write("count", `${judged + skipped} of ${all}, ${left} left`);
}

/** The list is made once, and then only said anew: whoever is in it keeps the place. */
export function showQueries(state: JudgingState, place: Place | undefined, go: (to: Place | undefined) => void): void {
  const list = find("queries", HTMLElement);
  for (const query of state.queries.slice(list.children.length)) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("bdi"), document.createElement("span"));
    button.addEventListener("click", () => go(placeIn(latest.state ?? state, query.id)));
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
  latest.state = state;
  for (const [index, query] of state.queries.entries()) {
    const button = list.children[index]?.firstElementChild;
    const [text, count] = button?.children ?? [];
    if (!button || !text || !count) continue;
    const { all, judged, skipped } = sums([query]);
    const left = all - judged - skipped;
    text.textContent = query.text;
    count.textContent = left === 0 ? "✓ finished" : `${all - left} of ${all}`;
    if (query.id === place?.query) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** What the buttons of the list go by, which were made earlier. */
const latest: { state?: JudgingState } = {};

function sums(queries: readonly StateOfQuery[]): {
  readonly all: number;
  readonly judged: number;
  readonly skipped: number;
} {
  const verdicts = queries.flatMap(({ documents }) => documents.map(({ verdict }) => verdict));
  const skipped = verdicts.filter((verdict) => verdict === "skipped").length;
  return { all: verdicts.length, judged: verdicts.filter((verdict) => verdict !== null).length - skipped, skipped };
}

function write(id: string, text: string): void {
  find(id, HTMLElement).textContent = text;
}
