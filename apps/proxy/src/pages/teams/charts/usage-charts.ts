import { element } from "../../browser/element.ts";
import { type Figures, sumOf } from "../objects/figures.ts";
import { count, dollars, shortCount, shortDollars } from "../../parts/amounts.ts";
import type { Bucket } from "../state/span.ts";
import { table } from "../../parts/table.ts";
import { BarChart, type BarChartOptions } from "./bar-chart.ts";

/** Spend, requests, errors and savings over a time, one under the pointer in all charts, and the same as a table. */
export function usageCharts(buckets: readonly Bucket[], figures: readonly Figures[]): readonly HTMLElement[] {
  const sum = sumOf(figures);
  const labels = buckets.map(({ label }) => label);
  const inDollars = { labels, format: dollars, formatShort: shortDollars };
  const inNumbers = { labels, format: count, formatShort: shortCount, isCounted: true };
  const options: readonly BarChartOptions[] = [
    { ...inDollars, title: "Spend", total: dollars(sum.spend), values: figures.map(({ spend }) => spend) },
    { ...inNumbers, title: "Requests", total: count(sum.requests), values: figures.map(({ requests }) => requests) },
    {
      ...inNumbers,
      title: "Errors",
      total: count(sum.errors),
      values: figures.map(({ errors }) => errors),
      isBad: true,
    },
    { ...inDollars, title: "Saved by the cache", total: dollars(sum.saved), values: figures.map(({ saved }) => saved) },
  ];
  const charts: readonly BarChart[] = options.map(
    (one) =>
      new BarChart(one, (index) => {
        for (const chart of charts) chart.select(index);
      }),
  );
  return [element("div", { class: "charts" }, ...charts.map(({ place }) => place)), asTable(buckets, figures)];
}

function asTable(buckets: readonly Bucket[], figures: readonly Figures[]): HTMLElement {
  const rows = buckets.map(({ label }, index) => ({ label, ...(figures[index] ?? sumOf([])) })).toReversed();
  return element(
    "details",
    {},
    element("summary", {}, "The same as a table"),
    table(
      "Usage over time",
      [
        { head: "Time", cell: ({ label }) => label },
        { head: "Spend", isNumber: true, cell: ({ spend }) => dollars(spend) },
        { head: "Requests", isNumber: true, cell: ({ requests }) => count(requests) },
        { head: "Errors", isNumber: true, cell: ({ errors }) => count(errors) },
        { head: "Saved", isNumber: true, cell: ({ saved }) => dollars(saved) },
      ],
      rows,
    ),
  );
}
