import { element } from "../../browser/element.ts";
import { factsView, priceOf } from "../facts/facts-view.ts";
import { scoreWords } from "../facts/score-words.ts";
import { stagesInALine } from "../facts/stages.ts";
import { stagesView } from "../facts/stages-view.ts";
import type { Answer } from "../proxy-client.ts";
import type { Agreement } from "./agreement.ts";
import { LinesView } from "./lines-view.ts";

/**
 * One of several rankings side by side. Its head has the same four lines before and after its answer, and its rows the
 * same height, so that nothing moves when answers arrive.
 */
export class ColumnView {
  readonly lines = new LinesView();
  readonly #price = element("p", { class: "line" });
  readonly #agreement = element("p", { class: "line" });
  readonly #kind = element("p", { class: "line" });
  readonly #body = element("div", { class: "column-body" });
  readonly #foot = element("div", { class: "column-foot" });
  readonly place: HTMLElement;

  constructor(asked: string) {
    const title = element("h3", { title: asked }, asked);
    this.place = element(
      "section",
      { class: "column", "aria-label": asked },
      title,
      this.#price,
      this.#agreement,
      this.#kind,
      this.#body,
      this.#foot,
      this.lines.place,
    );
  }

  /** @param count rows that will be there */
  wait(count: number): void {
    this.place.setAttribute("aria-busy", "true");
    this.#price.textContent = "Waiting for its answer…";
    const rows = Array.from({ length: count }, (_, rank) =>
      element("li", {}, element("span", { class: "rank" }, String(rank + 1))),
    );
    this.#body.replaceChildren(element("ol", { class: "results", "aria-hidden": "true" }, ...rows));
  }

  answer(answer: Answer): void {
    this.place.removeAttribute("aria-busy");
    say(this.#price, priceOf(answer));
    const { stages, warnings, asked } = answer;
    say(this.#kind, stages.length > 0 ? stagesInALine(stages) : scoreWords(answer));
    this.#foot.replaceChildren(
      ...(warnings.length === 0 ? [] : [warningList(warnings)]),
      ...(stages.length === 0 ? [] : [stagesView(stages, `Stages of ${asked}`)]),
      factsView(answer),
    );
  }

  /** Shows a page of its results. */
  list(results: HTMLElement): void {
    this.#body.replaceChildren(results);
  }

  /** @param isProblem false where the user did not want the answer any more */
  fail(reason: string, isProblem: boolean): void {
    this.place.removeAttribute("aria-busy");
    say(this.#price, isProblem ? "No answer" : reason);
    this.#body.replaceChildren(...(isProblem ? [element("p", { class: "problem", role: "alert" }, reason)] : []));
  }

  /** @param agreement undefined for the ranking that the others are compared with */
  agree(agreement: (Agreement & { readonly beside: string }) | undefined): void {
    if (!agreement) return say(this.#agreement, "The others are compared with it");
    const { k, overlap, tau, beside } = agreement;
    const order = tau === undefined ? "τ –" : `τ ${signed(tau)}`;
    say(this.#agreement, `${overlap} of ${k} shared · ${order}`);
    this.#agreement.title = `Beside ${beside}: overlap@${k} ${(overlap / k).toFixed(2)}, Kendall’s ${order}`;
  }
}

/** Lines are cut where a column is narrow: the whole text is then what a mouse that rests there sees. */
function say(line: HTMLElement, text: string): void {
  line.textContent = text;
  line.title = text;
}

/** `0.42`, `−0.42`. */
function signed(value: number): string {
  return value
    .toFixed(2)
    .replace(/^-0\.00$/, "0.00")
    .replace("-", "−");
}

function warningList(warnings: readonly string[]): HTMLElement {
  return element(
    "ul",
    { class: "warnings", "aria-label": "Warnings" },
    ...warnings.map((warning) => element("li", {}, warning)),
  );
}
