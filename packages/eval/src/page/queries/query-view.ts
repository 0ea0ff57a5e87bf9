import type { EvalReport, QueryReport } from "../../report/eval-report.ts";
import { ownValue } from "../../report/own-value.ts";
import { type Markup, html } from "../markup.ts";
import { difference, milliseconds, quality } from "../numbers.ts";
import { shownText } from "../shown-text.ts";
import type { ComparedQuery } from "./compare-queries.ts";

const mostQueryCharacters = 300;
const mostDocumentCharacters = 600;

/** One query: what was asked, both rankings side by side, and what moved. Folded until somebody opens it. */
export function queryView(report: EvalReport, name: string, query: ComparedQuery, anchor: string): Markup {
  const text = shownText(ownValue(report.texts.queries, query.id), mostQueryCharacters);
  const alone = name === report.baseline;
  const value = alone
    ? html`<b>${quality(query.after)}</b>`
    : html`<span class="hidden">from </span>${quality(query.before)} <span aria-hidden="true">→ </span
        ><span class="hidden">to </span>${quality(query.after)} <b>${difference(query.difference)}</b>`;
  return html`<details class="query" id="${anchor}">
    <summary><bdi class="asked" dir="auto">${text}</bdi><span class="values">${value}</span></summary>
    <div class="${alone ? "rankings one" : "rankings"}">
      ${alone ? undefined : ranking(report, query.id, report.baseline, query.baseline, query.model, "to")}
      ${ranking(report, query.id, name, query.model, alone ? undefined : query.baseline, "from")}
    </div>
  </details>`;
}

/** @param other ranking, and whether a document moved to there or came from there */
function ranking(
  report: EvalReport,
  id: string,
  name: string,
  query: QueryReport,
  other: QueryReport | undefined,
  direction: "from" | "to",
): Markup {
  return html`<section>
    <h5>
      <bdi>${name}</bdi>${name === report.baseline ? html` <span class="quiet">baseline</span>` : undefined}<span
        class="quiet"
        >${milliseconds(query.milliseconds)}</span
      >
    </h5>
    ${query.error === undefined ? undefined : html`<p class="failed">Failed, and counts as 0: <bdi dir="auto">${shownText(query.error, mostQueryCharacters)}</bdi></p>`}
    <ol>
      ${query.top.map((document, index) => {
        const grade = ownValue(ownValue(report.grades, id), document);
        return html`<li>
          <span class="rank">${index + 1}</span>
          <div>
            <p class="marks">
              ${gradeMark(grade)}${other === undefined ? undefined : movement(document, index, other.top, direction)}
            </p>
            <bdi class="passage" dir="auto"
              >${shownText(ownValue(report.texts.documents, document), mostDocumentCharacters)}</bdi
            >
          </div>
        </li>`;
      })}
    </ol>
  </section>`;
}

/** A word and a sign: colours alone say nothing to many. */
function gradeMark(grade: number | undefined): Markup {
  if (grade === undefined) return html`<span class="mark unjudged"><span aria-hidden="true">?</span> not judged</span>`;
  if (grade > 0)
    return html`<span class="mark relevant"><span aria-hidden="true">✓</span> relevant, grade ${grade}</span>`;
  return html`<span class="mark irrelevant"><span aria-hidden="true">✕</span> not relevant</span>`;
}

function movement(document: string, index: number, other: readonly string[], direction: "from" | "to"): Markup {
  const there = other.indexOf(document);
  if (there === -1) return html`<span class="moved">${direction === "from" ? "new here" : "drops out"}</span>`;
  if (there === index) return html`<span class="moved">stays</span>`;
  const [before, after] = direction === "from" ? [there, index] : [index, there];
  const arrow = after < before ? "↑" : "↓";
  const said = direction === "from" ? `was ${there + 1}` : `to ${there + 1}`;
  return html`<span class="moved"
    ><span aria-hidden="true">${arrow}</span>
    <span class="hidden">${after < before ? "up" : "down"}, </span>${said}</span
  >`;
}
