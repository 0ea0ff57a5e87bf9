import { announce, element, find } from "../../browser/element.ts";
import { download } from "../../browser/download.ts";
import type { Asked } from "../answer/result-list.ts";
import { type Grade, type Judgements, countJudgements } from "./judgements.ts";
import { keepJudgements, keptJudgements } from "./kept-judgements.ts";
import { scoredText } from "./scored-text.ts";
import { type JudgementFormat, writeJudgements } from "./write-judgements.ts";

/** The rankings whose documents are judged. */
export interface JudgedRankings {
  readonly asked: Asked;
  /** Documents that any of the rankings has among its best. */
  best(count: number): ReadonlySet<number>;
}

/** Documents that are kept beside those that were judged; each ranking's best. */
const poolDepth = 100;

const words = { 2: "Relevant", 1: "Partly", 0: "Not" } as const satisfies Record<Grade, string>;
const grades = [2, 1, 0] as const satisfies readonly Grade[];
const gradeByKey = new Map<string, Grade | undefined>([
  ["r", 2],
  ["p", 1],
  ["n", 0],
  ["Delete", undefined],
  ["Backspace", undefined],
]);

/** Judges documents in their rows, with a mouse or the keyboard, and gives the judgements as files. Sends nothing. */
export class JudgeView {
  readonly #rankings: JudgedRankings;
  readonly #place = find("ranking", HTMLElement);
  readonly #button = find("judge", HTMLButtonElement);
  readonly #format = find("judging-format", HTMLSelectElement);
  readonly #judgements: Judgements = keptJudgements();
  #isOn = false;
  #isKept = true;

  constructor(rankings: JudgedRankings) {
    this.#rankings = rankings;
    this.#button.addEventListener("click", () => {
      this.#isOn = !this.#isOn;
      this.show();
    });
    this.#place.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest<HTMLElement>("button[data-grade]") : null;
      const row = button?.closest("li");
      if (row) this.#judge(row, gradeOf(button?.dataset["grade"]), true);
    });
    this.#place.addEventListener("keydown", (event) => {
      const { target, key } = event;
      if (!this.#isOn || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!(target instanceof HTMLLIElement) || !gradeByKey.has(key.length === 1 ? key.toLowerCase() : key)) return;
      event.preventDefault();
      this.#judge(target, gradeByKey.get(key.length === 1 ? key.toLowerCase() : key), false);
    });
    find("judging-download", HTMLButtonElement).addEventListener("click", () => {
      const { name, type, text } = writeJudgements(this.#judgements.list(), asFormat(this.#format.value));
      download(name, type, text);
    });
    find("judging-forget", HTMLButtonElement).addEventListener("click", () => this.#forget());
  }

  /** Marks the rows that are on the page now. */
  show(): void {
    const rows = this.#place.querySelectorAll<HTMLLIElement>("li[data-document]");
    this.#button.hidden = rows.length === 0 && !this.#isOn;
    this.#button.setAttribute("aria-pressed", String(this.#isOn));
    this.#place.toggleAttribute("data-judging", this.#isOn);
    find("judging", HTMLElement).hidden = !this.#isOn;
    for (const row of rows) this.#mark(row);
    if (this.#isOn) this.#count();
  }

  /** @param isToggle whether the same grade again takes it back */
  #judge(row: HTMLLIElement, grade: Grade | undefined, isToggle: boolean): void {
    const { query, documents } = this.#rankings.asked;
    const index = Number(row.dataset["document"]);
    const text = scoredText(documents[index] ?? "");
    const isSame = isToggle && this.#judgements.gradeOf(query, text) === grade;
    const others = [...this.#rankings.best(poolDepth)].map((other) => scoredText(documents[other] ?? ""));
    this.#judgements.judge(query, text, isSame ? undefined : grade, others);
    this.#isKept = keepJudgements(this.#judgements.list());
    this.show();
  }

  #forget(): void {
    this.#judgements.forget();
    this.#isKept = keepJudgements([]);
    this.show();
    this.#button.focus();
  }

  #mark(row: HTMLLIElement): void {
    const { query, documents } = this.#rankings.asked;
    const index = Number(row.dataset["document"]);
    const grade = this.#judgements.gradeOf(query, scoredText(documents[index] ?? ""));
    if (grade === undefined) delete row.dataset["judged"];
    else row.dataset["judged"] = String(grade);
    mark(row, grade);
    const group = row.querySelector(".judgement");
    if (!this.#isOn) return group?.remove();
    if (!group) row.append(buttonsFor(index));
    for (const button of row.querySelectorAll<HTMLElement>("button[data-grade]"))
      button.setAttribute("aria-pressed", String(gradeOf(button.dataset["grade"]) === grade));
  }

  #count(): void {
    const queries = this.#judgements.list();
    const count = countJudgements(queries);
    const counted = `${count} ${count === 1 ? "judgement" : "judgements"} of ${queries.length} ${queries.length === 1 ? "query" : "queries"}`;
    const kept = this.#isKept
      ? "kept in this tab, and sent nowhere"
      : "too large for this browser to keep: download them before you leave this page";
    announce(
      "judged",
      count === 0 ? "No judgements yet; they are kept in this tab, and sent nowhere." : `${counted}, ${kept}.`,
    );
    find("judging-actions", HTMLElement).hidden = count === 0;
  }
}

/** Said in the row as well, where the buttons are not. */
function mark(row: HTMLElement, grade: Grade | undefined): void {
  row.querySelector(".judged")?.remove();
  if (grade === undefined) return;
  row.querySelector(".figures")?.append(element("span", { class: "moved judged" }, judgedWords[grade]));
}

const judgedWords = { 2: "relevant", 1: "partly relevant", 0: "not relevant" } as const satisfies Record<Grade, string>;

function buttonsFor(index: number): HTMLElement {
  const buttons = grades.map((grade) =>
    // The tab key stops at rows, whose keys do the same: three stops a row would be hundreds.
    element("button", { type: "button", "data-grade": String(grade), tabindex: "-1" }, words[grade]),
  );
  return element("div", { class: "judgement", role: "group", "aria-label": `Document ${index + 1}` }, ...buttons);
}

function gradeOf(text: string | undefined): Grade | undefined {
  return grades.find((grade) => String(grade) === text);
}

function asFormat(text: string): JudgementFormat {
  return text === "corpus" || text === "queries" || text === "qrels" ? text : "jsonl";
}
