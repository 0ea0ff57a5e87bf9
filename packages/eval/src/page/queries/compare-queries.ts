import type { EvalReport, QueryReport } from "../../report/eval-report.ts";

/** One query, ranked by a model and by the baseline. */
export interface ComparedQuery {
  readonly id: string;
  /** Of the report's main metric. */
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  readonly baseline: QueryReport;
  readonly model: QueryReport;
}

/** Every query that both have, in the order of the report; failed ones count as 0. */
export function compareQueries(report: EvalReport, name: string): readonly ComparedQuery[] {
  const of = (query: QueryReport): number => query.metrics[report.main_metric] ?? 0;
  const baseline = new Map(Object.entries(report.models[report.baseline]?.per_query ?? {}));
  return Object.entries(report.models[name]?.per_query ?? {}).flatMap(([id, model]) => {
    const other = baseline.get(id);
    if (other === undefined) return [];
    return [{ id, before: of(other), after: of(model), difference: of(model) - of(other), baseline: other, model }];
  });
}

/** Queries that the page shows in full: their text has to be in the report. */
export interface ShownQueries {
  readonly worst: readonly ComparedQuery[];
  readonly best: readonly ComparedQuery[];
}

/** On either side, most of it first. */
const mostShown = 20;

/** Where a model loses most beside the baseline, and where it wins most. */
export function chooseQueries(queries: readonly ComparedQuery[], hasText: (id: string) => boolean): ShownQueries {
  const readable = queries.filter(({ id }) => hasText(id));
  return {
    worst: readable
      .filter(({ difference }) => difference < 0)
      .sort((one, other) => one.difference - other.difference)
      .slice(0, mostShown),
    best: readable
      .filter(({ difference }) => difference > 0)
      .sort((one, other) => other.difference - one.difference)
      .slice(0, mostShown),
  };
}

/** Of a report of one model alone: where it ranks worst and best by itself. */
export function lowestAndHighest(report: EvalReport, name: string, hasText: (id: string) => boolean): ShownQueries {
  const readable = compareQueries(report, name)
    .filter(({ id }) => hasText(id))
    .sort((one, other) => one.after - other.after);
  const half = Math.min(mostShown, Math.ceil(readable.length / 2));
  return { worst: readable.slice(0, half), best: readable.slice(half).toReversed().slice(0, mostShown) };
}
