import type { EvalReport } from "../report/eval-report.ts";
import { ownValue } from "../report/own-value.ts";
import { type Markup, html } from "./markup.ts";
import { count, counted, difference, measureName, quality } from "./numbers.ts";
import { type QueryDifference, differencePlot, queriesOfABar } from "./plots/difference-plot.ts";
import { type ComparedQuery, chooseQueries, compareQueries, lowestAndHighest } from "./queries/compare-queries.ts";
import { queryView } from "./queries/query-view.ts";
import { shownText } from "./shown-text.ts";

/** Query by query: each model beside the baseline, one of them at a time. Of a single model, where it ranks worst and best. */
export function comparisonsSection(report: EvalReport): Markup | undefined {
  const names = comparedNames(report);
  if (names.length === 0) return undefined;
  const alone = names.length === 1 && names[0] === report.baseline;
  return html`<section aria-labelledby="queries-title">
    <h2 id="queries-title">Query by query</h2>
    ${alone || names.length === 1 ? undefined : choice(report, names)}
    <p id="find-field" class="find" hidden>
      <label for="find">Show queries that contain</label> <input id="find" type="search" autocomplete="off" />
      <span id="found" class="quiet" role="status"></span>
    </p>
    ${names.map((name, index) => comparison(report, name, index, alone))}
  </section>`;
}

/** Which comparison is shown is chosen without a script. */
export function choiceStyles(report: EvalReport): string {
  const names = comparedNames(report);
  if (names.length < 2) return "";
  const shown = names.map((_, index) => `body:has(#compare-${index}:checked) .compared-${index}`).join(",");
  return `.comparison{display:none}${shown}{display:block}`;
}

function comparedNames({ models, baseline }: EvalReport): readonly string[] {
  const others = Object.keys(models).filter((name) => name !== baseline);
  return others.length > 0 ? others : Object.keys(models);
}

function choice(report: EvalReport, names: readonly string[]): Markup {
  return html`<fieldset class="choice">
    <legend>Beside the baseline <bdi>${shownText(report.baseline, 80)}</bdi></legend>
    <div class="segments">
      ${names.map(
        (name, index) =>
          html`<label
            ><input
              type="radio"
              name="compare"
              id="compare-${index}"
              ${index === 0 ? html` checked` : undefined}
            /><span><bdi>${shownText(name, 60)}</bdi></span></label
          >`,
      )}
    </div>
  </fieldset>`;
}

function comparison(report: EvalReport, name: string, index: number, alone: boolean): Markup {
  const queries = compareQueries(report, name);
  const hasText = (id: string): boolean => Object.hasOwn(report.texts.queries, id);
  const { worst, best } = alone ? lowestAndHighest(report, name, hasText) : chooseQueries(queries, hasText);
  const anchors = new Map([...worst, ...best].map(({ id }, position) => [id, `query-${index}-${position}`]));
  return html`<div class="comparison compared-${index}">
    ${alone ? undefined : [html`<h3><bdi>${shownText(name, 80)}</bdi> beside <bdi>${shownText(report.baseline, 80)}</bdi></h3>`, differences(report, name, queries, anchors)]}
    ${group(report, name, alone ? "Lowest" : "Worse than the baseline", worst, alone ? worst.length : queries.filter((query) => query.difference < 0).length, anchors)}
    ${group(report, name, alone ? "Highest" : "Better than the baseline", best, alone ? best.length : queries.filter((query) => query.difference > 0).length, anchors)}
  </div>`;
}

function group(
  report: EvalReport,
  name: string,
  title: string,
  queries: readonly ComparedQuery[],
  total: number,
  anchors: ReadonlyMap<string, string>,
): Markup {
  const shown =
    queries.length < total ? `${queries.length} of ${count(total)} queries` : counted(total, "query", "queries");
  return html`<div class="group">
    <h4>${title} <span class="quiet">${total === 0 ? "no query" : shown}</span></h4>
    ${queries.map((query) => queryView(report, name, query, anchors.get(query.id) ?? ""))}
  </div>`;
}

function differences(
  report: EvalReport,
  name: string,
  queries: readonly ComparedQuery[],
  anchors: ReadonlyMap<string, string>,
): Markup {
  const measure = measureName(report.main_metric);
  if (queries.length === 0) return html`<p class="none">No query was ranked by both.</p>`;
  const bars = queries.map((query): QueryDifference => {
    const anchor = anchors.get(query.id);
    return {
      id: query.id,
      label: shownText(ownValue(report.texts.queries, query.id) ?? query.id, 120),
      difference: query.difference,
      ...(anchor && { anchor }),
    };
  });
  const better = queries.filter((query) => query.difference > 0).length;
  const worse = queries.filter((query) => query.difference < 0).length;
  const each = queriesOfABar(queries.length);
  const title = `Difference of ${measure} by query: better on ${better}, worse on ${worse}; the figures are in the table below`;
  return html`<figure>
    <figcaption class="quiet">
      Difference of ${measure}, a bar for ${each === 1 ? "each query" : `the mean of ${each} queries`}, best first:
      <b>better on ${count(better)}</b> (upwards), <b>worse on ${count(worse)}</b> (downwards), equal on
      ${count(queries.length - better - worse)}.
    </figcaption>
    <div class="on-desktop">${differencePlot({ differences: bars, title, width: 1160, height: 220 })}</div>
    <div class="on-phone">${differencePlot({ differences: bars, title, width: 340, height: 200 })}</div>
    ${table(report, name, queries, measure)}
  </figure>`;
}

/** Rows on either side; all of them are in the JSON of the report. */
const mostRows = 250;

function table(report: EvalReport, name: string, queries: readonly ComparedQuery[], measure: string): Markup {
  const sorted = queries.toSorted((one, other) => other.difference - one.difference);
  const rows = sorted.length <= 2 * mostRows ? sorted : [...sorted.slice(0, mostRows), ...sorted.slice(-mostRows)];
  const title = `${shownText(name, 80)} beside ${shownText(report.baseline, 80)}`;
  return html`<details class="behind">
    <summary>The figures<span class="hidden"> of ${title}</span></summary>
    ${rows.length === sorted.length ? undefined : html`<p class="quiet">The ${count(mostRows)} best and the ${count(mostRows)} worst of ${count(sorted.length)}; the JSON of the report has all.</p>`}
    <div class="wide tall" role="region" aria-label="${measure} by query, ${title}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Query</th>
            <th scope="col" class="number">Baseline</th>
            <th scope="col" class="number">Model</th>
            <th scope="col" class="number">Difference</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ id, before, after, difference: by }) =>
              html`<tr>
                <th scope="row"><bdi dir="auto">${shownText(ownValue(report.texts.queries, id) ?? id, 120)}</bdi></th>
                <td class="number">${quality(before)}</td>
                <td class="number">${quality(after)}</td>
                <td class="number">${difference(by)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
