import { element, find } from "../../browser/element.ts";
import { milliseconds } from "./amounts.ts";
import { type Explanation, countSources, rangesOf } from "./explanation.ts";

/** More rows would make the page slow; their number is said. */
const mostRows = 200;

/** Shows which deployment scored which documents, and what took how long, for each model that was asked. */
export function showExplanations(
  answers: readonly { readonly asked: string; readonly explanation?: Explanation }[],
): void {
  const parts = answers.flatMap(({ asked, explanation }) =>
    explanation ? [explained(asked, explanation, answers.length > 1)] : [],
  );
  find("explanation", HTMLElement).replaceChildren(...parts);
  find("explain", HTMLElement).hidden = parts.length === 0;
}

function explained(
  model: string,
  { queue_ms, upstream_ms, calls, sources }: Explanation,
  isNamed: boolean,
): HTMLElement {
  const summary = [
    countSources(sources),
    `${milliseconds(upstream_ms)} at the upstream`,
    `${milliseconds(queue_ms)} in the queue`,
  ];
  return element(
    "section",
    {},
    ...(isNamed ? [element("h3", {}, model)] : []),
    element("p", { class: "quiet" }, summary.filter((part) => part !== "").join(" · ")),
    ...(calls.length === 0 ? [] : [table(model, calls)]),
    ...(calls.length > mostRows ? [element("p", { class: "quiet" }, `and ${calls.length - mostRows} calls more`)] : []),
  );
}

const headings = ["Call", "Deployment", "Documents", "Waited", "Took", "Result"];

function table(model: string, calls: Explanation["calls"]): HTMLElement {
  const head = headings.map((text) => element("th", { scope: "col" }, text));
  const rows = calls.slice(0, mostRows).map((call, index) => element("tr", {}, ...cells(call, index)));
  return element(
    "div",
    { class: "scroll calls", role: "region", tabindex: "0", "aria-label": `Calls for ${model}` },
    element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)),
  );
}

function cells(call: Explanation["calls"][number], index: number): readonly HTMLElement[] {
  const kind = call.hedge === true ? "copy of a slow call" : call.attempt > 0 ? `retry ${call.attempt}` : "";
  return [
    element("td", {}, String(index + 1), ...(kind === "" ? [] : [element("small", {}, kind)])),
    element("td", {}, call.deployment),
    element("td", {}, String(call.documents.length), element("small", {}, rangesOf(call.documents))),
    element("td", { class: "number" }, milliseconds(call.queue_ms)),
    element("td", { class: "number" }, milliseconds(call.duration_ms)),
    element("td", {}, call.error ?? "scored"),
  ];
}
