import type { EvalReport, ModelReport } from "../report/eval-report.ts";
import { type Markup, html } from "./markup.ts";
import { dollars, interval, measureName, milliseconds, quality } from "./numbers.ts";
import { paretoFront } from "./plots/pareto-front.ts";
import { type Point, scatterPlot } from "./plots/scatter-plot.ts";
import { shownText } from "./shown-text.ts";

/** What quality costs: in money, and in time. */
export function tradesSection(report: EvalReport): Markup {
  const measure = measureName(report.main_metric);
  return html`<section aria-labelledby="trades-title">
    <h2 id="trades-title">What quality costs</h2>
    <p class="quiet">
      A dot is a model, the vertical line its 95 % interval. Filled dots on the dashed line are models that no other one
      beats in both; hollow dots are beaten. Half of the requests took at most as long as the dot says, 99 % as long as
      the end of its horizontal line.
    </p>
    <div class="plots">
      ${trade(report, "cost", `${measure} and cost`, "US dollars for 1,000 queries", dollars, (model) => amountsOf(model.cost_per_1000_queries))}
      ${trade(report, "time", `${measure} and time`, "milliseconds of a request", milliseconds, ({ latency }) => (latency === null ? undefined : { amount: latency.p50, amountUpTo: latency.p99 }))}
    </div>
  </section>`;
}

type Amounts = Pick<Point, "amount" | "amountUpTo">;

function amountsOf(amount: number | null): Amounts | undefined {
  return amount === null ? undefined : { amount };
}

function trade(
  report: EvalReport,
  kind: "cost" | "time",
  title: string,
  unit: string,
  format: (amount: number) => string,
  amounts: (model: ModelReport) => Amounts | undefined,
): Markup {
  const all = Object.entries(report.models).map(([name, model]) => ({ name, model, amounts: amounts(model) }));
  const points = all.flatMap(({ name, model, amounts: known }): Point[] => {
    const value = model.metrics[report.main_metric];
    if (known === undefined || value === undefined) return [];
    const [low, high] = model.intervals[report.main_metric] ?? [value, value];
    return [{ name, isBaseline: name === report.baseline, quality: value, low, high, ...known }];
  });
  const unknown = all.filter((one) => one.amounts === undefined).map(({ name }) => name);
  return html`<figure>
    <figcaption><h3>${title}</h3></figcaption>
    ${picture(points, kind, title, unit, measureName(report.main_metric))}
    ${unknown.length === 0 ? undefined : html`<p class="quiet">Not in the picture, because their ${kind} is not known: ${listed(unknown)}.</p>`}
    ${points.length === 0 ? undefined : table(points, unit, measureName(report.main_metric), format, title)}
  </figure>`;
}

function picture(
  points: readonly Point[],
  kind: "cost" | "time",
  title: string,
  unit: string,
  qualityLabel: string,
): Markup {
  if (points.length === 0)
    return html`<p class="none">
      The ${kind} of no model is
      known${kind === "cost" ? html`. Prices come from the provider or from <code>model_info</code> of the configuration` : undefined}.
    </p>`;
  if (points.every(({ amount }) => amount === 0))
    return html`<p class="none">All of them cost nothing: there is no price to weigh against quality.</p>`;
  const plot = {
    points,
    title: `${title}: a dot for each model; the figures are in the table below`,
    amountLabel: unit,
    qualityLabel,
  };
  return html`<div class="on-desktop">${scatterPlot({ ...plot, width: 560, height: 360 })}</div>
    <div class="on-phone">${scatterPlot({ ...plot, width: 340, height: 320 })}</div>`;
}

function table(
  points: readonly Point[],
  unit: string,
  measure: string,
  format: (amount: number) => string,
  title: string,
): Markup {
  const front = new Set(paretoFront(points.map((point) => ({ ...point, cost: point.amount }))).map(({ name }) => name));
  return html`<details class="behind">
    <summary>The figures<span class="hidden"> of ${title}</span></summary>
    <div class="wide" role="region" aria-label="Figures of ${title}" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" class="number">${unit}</th>
            <th scope="col" class="number">${measure}</th>
            <th scope="col">95 % interval</th>
            <th scope="col">Beaten in both</th>
          </tr>
        </thead>
        <tbody>
          ${points
            .toSorted((one, other) => one.amount - other.amount)
            .map(
              (point) =>
                html`<tr>
                  <th scope="row"><bdi>${shownText(point.name, 80)}</bdi></th>
                  <td class="number">
                    ${format(point.amount)}${point.amountUpTo === undefined ? undefined : html`<small>99 % within ${format(point.amountUpTo)}</small>`}
                  </td>
                  <td class="number">${quality(point.quality)}</td>
                  <td>${interval([point.low, point.high])}</td>
                  <td>${front.has(point.name) ? "no" : "yes"}</td>
                </tr>`,
            )}
        </tbody>
      </table>
    </div>
  </details>`;
}

function listed(names: readonly string[]): readonly Markup[] {
  return names.map((name, index) => html`${index === 0 ? "" : ", "}<bdi>${shownText(name, 80)}</bdi>`);
}
