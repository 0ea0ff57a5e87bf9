import type { EvalReport } from "../report/eval-report.ts";
import { type Markup, html } from "./markup.ts";
import { significantBelow } from "./models-table.ts";
import { counted, difference, measureName, milliseconds, percent, probability, quality } from "./numbers.ts";
import { shownText } from "./shown-text.ts";

/** What the figures say, in sentences that claim no more than they show. */
export function findings(report: EvalReport): readonly Markup[] {
  const [best] = Object.entries(report.models).toSorted(
    ([, one], [, other]) => (other.metrics[report.main_metric] ?? 0) - (one.metrics[report.main_metric] ?? 0),
  );
  if (best === undefined) return [html`<p>No model was measured.</p>`];
  const [name, model] = best;
  const value = html`${measureName(report.main_metric)} of <b>${quality(model.metrics[report.main_metric])}</b>`;
  const said = [
    Object.keys(report.models).length === 1
      ? html`<p><b>${modelName(name)}</b> has a mean ${value}.</p>`
      : html`<p><b>${modelName(name)}</b> ranks best, with a mean ${value}${besideBaseline(report, name)}.</p>`,
  ];
  const cheaper = asGoodAndFaster(report, name);
  return cheaper === undefined ? said : [...said, cheaper];
}

function besideBaseline(report: EvalReport, name: string): Markup {
  const compared = report.models[name]?.compared?.[report.main_metric];
  if (compared === undefined) return html`; it is the baseline`;
  const chance =
    compared.p_value < significantBelow
      ? html`, which chance is unlikely to explain (${probability(compared.p_value)})`
      : html`, which chance may explain (${probability(compared.p_value)})`;
  return html`: ${difference(compared.difference)} beside the baseline ${modelName(report.baseline)}, over
  ${counted(report.sample.queries, "query", "queries")}${chance}`;
}

/** The fastest of those that keep nearly all of the best one's quality. */
function asGoodAndFaster(report: EvalReport, best: string): Markup | undefined {
  const most = report.models[best]?.metrics[report.main_metric] ?? 0;
  const time = report.models[best]?.latency?.p50;
  if (time === undefined || most <= 0) return undefined;
  const [found] = Object.entries(report.models)
    .flatMap(([name, { metrics, latency }]) => {
      const part = (metrics[report.main_metric] ?? 0) / most;
      return name !== best && latency !== null && latency.p50 <= time / 2 && part >= nearlyAll
        ? [{ name, part, time: latency.p50 }]
        : [];
    })
    .sort((one, other) => one.time - other.time);
  if (found === undefined) return undefined;
  return html`<p>
    <b>${modelName(found.name)}</b> reaches ${percent(found.part)} of that in ${milliseconds(found.time)} a request,
    where the best one takes ${milliseconds(time)} (medians).
  </p>`;
}

const nearlyAll = 0.95;

function modelName(name: string): Markup {
  return html`<bdi>${shownText(name, 80)}</bdi>`;
}
