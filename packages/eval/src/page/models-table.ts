import type { ComparedMetric, EvalReport, ModelReport } from "../report/eval-report.ts";
import { type Markup, html } from "./markup.ts";
import {
  count,
  difference,
  differenceInterval,
  dollars,
  interval,
  measureName,
  milliseconds,
  probability,
  quality,
} from "./numbers.ts";
import { shownText } from "./shown-text.ts";

/** Below this, chance is no likely reason for a difference. */
export const significantBelow = 0.05;

/** A row for each model: quality with its intervals, the difference to the baseline, time, cost, errors. */
export function modelsTable(report: EvalReport): Markup {
  const models = Object.entries(report.models);
  const metrics = metricsOf(report);
  const best = new Map(
    metrics.map((metric) => [metric, Math.max(...models.map(([, model]) => model.metrics[metric] ?? 0))]),
  );
  const compares = models.length > 1;
  return html`<div class="wide" role="region" aria-label="Figures of every model" tabindex="0">
    <table class="models">
      <thead>
        <tr>
          <th scope="col">Model</th>
          ${metrics.map((metric, index) => [
            html`<th scope="col" class="number">${measureName(metric)}</th>`,
            index === 0 && compares ? html`<th scope="col">Beside the baseline</th>` : undefined,
          ])}
          <th scope="col" class="number">Time of a request</th>
          <th scope="col" class="number">Cost of 1,000 queries</th>
          <th scope="col" class="number">Documents scored</th>
          <th scope="col" class="number">Failed queries</th>
        </tr>
      </thead>
      <tbody>
        ${models.map(
          ([name, model]) =>
            html`<tr>
              <th scope="row"><bdi>${shownText(name, 80)}</bdi>${scaleOf(name, model, report)}</th>
              ${metrics.map((metric, index) => [
                measured(model, metric, model.metrics[metric] === best.get(metric) && compares),
                index === 0 && compares ? beside(name, model.compared?.[metric], report) : undefined,
              ])}
              <td class="number">${latency(model)}</td>
              <td class="number">${costs(model)}</td>
              <td class="number">${count(model.documents)}</td>
              <td class="number">
                ${model.errors === 0 ? "0" : html`<b class="bad">${count(model.errors)}</b><small>of ${count(model.queries + model.errors)}</small>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The one that decides first. */
export function metricsOf({ models, main_metric }: EvalReport): readonly string[] {
  const names = new Set(Object.values(models).flatMap(({ metrics }) => Object.keys(metrics)));
  names.delete(main_metric);
  return [main_metric, ...names];
}

function scaleOf(name: string, { score_kind }: ModelReport, { baseline }: EvalReport): Markup | undefined {
  const said = [
    ...(name === baseline ? ["baseline"] : []),
    ...(score_kind === undefined ? [] : [`scores: ${score_kind}`]),
  ];
  return said.length === 0 ? undefined : html`<small>${said.join(" · ")}</small>`;
}

function measured({ metrics, intervals }: ModelReport, metric: string, isBest: boolean): Markup {
  const value = quality(metrics[metric]);
  return html`<td class="number">
    ${isBest ? html`<b>${value}</b><span class="hidden"> (highest)</span>` : value}<small
      >${interval(intervals[metric])}</small
    >
  </td>`;
}

function beside(name: string, compared: ComparedMetric | undefined, { baseline }: EvalReport): Markup {
  if (compared === undefined)
    return html`<td>${name === baseline ? html`<span class="quiet">is the baseline</span>` : "–"}</td>`;
  return html`<td>
    <b>${difference(compared.difference)}</b> ${verdict(compared)}
    <small>${differenceInterval(compared.interval)}, ${probability(compared.p_value)}</small>
    <small
      >better on ${count(compared.wins)}, worse on ${count(compared.losses)}, equal on ${count(compared.ties)}</small
    >
  </td>`;
}

/** In a word: whether chance explains the difference. */
function verdict({ difference: by, p_value }: ComparedMetric): Markup {
  if (p_value >= significantBelow)
    return html`<span class="verdict"><span aria-hidden="true">≈</span> no clear difference</span>`;
  return by > 0
    ? html`<span class="verdict good"><span aria-hidden="true">▲</span> better</span>`
    : html`<span class="verdict bad"><span aria-hidden="true">▼</span> worse</span>`;
}

function latency({ latency: times }: ModelReport): Markup | string {
  if (times === null) return html`–<small>nothing was asked</small>`;
  return html`${milliseconds(times.p50)}<small>99 % within ${milliseconds(times.p99)}</small>`;
}

function costs({ cost, cost_per_1000_queries }: ModelReport): Markup | string {
  if (cost_per_1000_queries === null) return "not known";
  return html`${dollars(cost_per_1000_queries)}${cost === null ? undefined : html`<small>${dollars(cost)} in this run</small>`}`;
}
