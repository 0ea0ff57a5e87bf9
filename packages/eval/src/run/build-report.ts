import type { Collection } from "../collections/collection.ts";
import { type Measure, parseMeasures } from "../measures/measure.ts";
import { measuresOf } from "../measures/measures-of.ts";
import { orderByScore } from "../measures/order-by-score.ts";
import type { EvalReport, Interval, ModelReport, QueryReport, StageReport } from "../report/eval-report.ts";
import { bootstrapInterval } from "../statistics/bootstrap-interval.ts";
import { comparePaired } from "../statistics/compare-paired.ts";
import { type Attempt, type Ranked, total } from "./rank-once.ts";
import type { RankedQuery } from "./run-queries.ts";
import { textsToShow } from "./texts-to-show.ts";

/** What a report is made of. */
export interface Findings {
  readonly collection: Collection;
  readonly source: string;
  readonly topK: number;
  readonly seed: number;
  readonly isSample: boolean;
  /** Names, in the order of the report. */
  readonly models: readonly string[];
  readonly baseline: string;
  /** Names of measures; the first one decides. */
  readonly measures: readonly string[];
  readonly answered: readonly Answered[];
  readonly kept: number;
  readonly stopped?: string | undefined;
  readonly warnings: readonly string[];
  readonly date: Date;
}

interface Answered {
  readonly query: RankedQuery;
  /** In the order of the models. */
  readonly attempts: readonly Attempt[];
}

/** The report of what was answered: the same queries for every model. */
export function buildReport(findings: Findings): EvalReport {
  const { collection, models, baseline, answered, measures: names, seed } = findings;
  const measures = parseMeasures(names);
  const grades = new Map(collection.queries.map((query) => [query.id, query.grades]));
  const perQuery = models.map((_, at) => answered.map((one) => measureQuery(one, at, grades, measures)));
  const base = perQuery[models.indexOf(baseline)] ?? [];
  const reports = models.map((name, at) => {
    const own = perQuery[at] ?? [];
    return [name, modelReport(answered, at, { own, base, isBaseline: name === baseline, measures, seed })] as const;
  });
  const byModel = Object.fromEntries(reports);
  const main = measures[0]?.name ?? "";
  return {
    version: 1,
    date: findings.date.toISOString(),
    collection: {
      name: collection.name,
      documents: collection.documents.size,
      queries: collection.queries.length,
      judgements: collection.queries.reduce((sum, query) => sum + query.grades.size, 0),
    },
    candidates: { source: findings.source, top_k: findings.topK, recall: recallOf(answered, grades) },
    sample: { queries: answered.length, ...(findings.isSample && { seed }) },
    baseline,
    kept: findings.kept,
    main_metric: main,
    models: byModel,
    ...textsToShow({ collection, grades, models: byModel, baseline, main }),
    ...(findings.stopped !== undefined && { stopped: findings.stopped }),
    warnings: [...findings.warnings, ...warningsOf(reports, answered)],
  };
}

type Grades = ReadonlyMap<string, ReadonlyMap<string, number>>;

function measureQuery(
  { query, attempts }: Answered,
  at: number,
  grades: Grades,
  measures: readonly Measure[],
): QueryReport {
  const attempt = attempts[at];
  const ranking = attempt && "order" in attempt ? rankingOf(attempt, query.candidates) : [];
  return {
    metrics: measuresOf(ranking, grades.get(query.id) ?? new Map(), measures),
    milliseconds: attempt?.milliseconds ?? 0,
    top: ranking.slice(0, shownDocuments),
    ...(attempt && "error" in attempt && { error: attempt.error }),
  };
}

const shownDocuments = 10;

/**
 * Ids in the order that was served, which is what is measured. Neighbours that the model found equal are in the order of
 * trec_eval, so that the order of the candidates helps no model.
 */
function rankingOf({ order, scores, ties }: Ranked, candidates: readonly string[]): readonly string[] {
  const ids = order.map((at) => candidates[at] ?? "");
  if (!ties) return ids;
  const ranking: string[] = [];
  for (let start = 0; start < ids.length;) {
    let end = start + 1;
    while (end < ids.length && scores[end] === scores[start]) end++;
    ranking.push(...orderByScore(ids.slice(start, end).map((id) => ({ id, score: 0 }))));
    start = end;
  }
  return ranking;
}

interface Measured {
  readonly own: readonly QueryReport[];
  readonly base: readonly QueryReport[];
  readonly isBaseline: boolean;
  readonly measures: readonly Measure[];
  readonly seed: number;
}

function modelReport(answered: readonly Answered[], at: number, measured: Measured): ModelReport {
  const { own, base, isBaseline, measures, seed } = measured;
  const attempts = answered.flatMap(({ attempts: all }) => all.slice(at, at + 1));
  const ranked = attempts.filter((attempt): attempt is Ranked => "order" in attempt);
  const failed = attempts.flatMap((attempt) => ("error" in attempt ? [attempt.error] : []));
  const asked = ranked.filter(({ order }) => order.length > 0);
  // A query without candidates was measured, but nobody was asked.
  const requests = answered.filter(({ query }) => query.candidates.length > 0).length;
  const cost = total(attempts.map((attempt) => attempt.cost));
  const kind = asked[0]?.scoreKind;
  const stages = stageReports(ranked);
  const valuesOf = (reports: readonly QueryReport[], name: string): readonly number[] =>
    reports.map(({ metrics }) => metrics[name] ?? 0);
  const byMeasure = <T>(of: (name: string) => T): Record<string, T> =>
    Object.fromEntries(measures.map(({ name }) => [name, of(name)]));
  return {
    metrics: byMeasure((name) => mean(valuesOf(own, name))),
    intervals: byMeasure((name): Interval => bootstrapInterval(valuesOf(own, name), { seed })),
    ...(!isBaseline && {
      compared: byMeasure((name) => comparePaired(valuesOf(own, name), valuesOf(base, name), { seed })),
    }),
    ...(kind && { score_kind: kind }),
    queries: ranked.length,
    documents: attempts.reduce((sum, { scored }) => sum + scored, 0),
    cost,
    cost_per_1000_queries: cost === null || requests === 0 ? null : dollars((cost / requests) * 1_000),
    latency: latencyOf(asked),
    errors: failed.length,
    ...(failed[0] !== undefined && { error: failed[0] }),
    ...(stages && { stages }),
    per_query: Object.fromEntries(answered.map(({ query }, position) => [query.id, own[position] ?? noReport])),
  };
}

const noReport: QueryReport = { metrics: {}, milliseconds: 0, top: [] };

function stageReports(ranked: readonly Ranked[]): Record<string, StageReport> | undefined {
  const stages = ranked.flatMap((ranking) => ranking.stages ?? []);
  if (stages.length === 0) return undefined;
  return Object.fromEntries(
    [...Map.groupBy(stages, ({ model }) => model)].map(([model, own]) => [
      model,
      {
        documents: own.reduce((sum, { documents }) => sum + documents, 0),
        queries: own.filter(({ documents }) => documents > 0).length,
        cost: total(own.map(({ cost }) => cost)),
      },
    ]),
  );
}

function latencyOf(asked: readonly Ranked[]): ModelReport["latency"] {
  if (asked.length === 0) return null;
  const sorted = asked.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  return { p50: nearestRank(sorted, 0.5), p99: nearestRank(sorted, 0.99) };
}

/** A time that was measured, and none between two. */
function nearestRank(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

/** Of each query's relevant documents the part that can be ranked at all, on average. */
function recallOf(answered: readonly Answered[], grades: Grades): number {
  const [recall] = parseMeasures(["recall"]);
  return recall === undefined
    ? 0
    : mean(
        answered.map(
          ({ query }) => measuresOf(query.candidates, grades.get(query.id) ?? new Map(), [recall])["recall"] ?? 0,
        ),
      );
}

function warningsOf(
  reports: readonly (readonly [string, ModelReport])[],
  answered: readonly Answered[],
): readonly string[] {
  return reports.flatMap(([name, { cost, errors, error }], at) => {
    const attempts = answered.flatMap(({ attempts: all }) => all.slice(at, at + 1));
    const said = attempts.flatMap((attempt) => ("warnings" in attempt ? (attempt.warnings ?? []) : []));
    return [
      ...(errors > 0
        ? [`${name}: ${errors} of ${attempts.length} queries failed and count as 0; the first one: ${error}`]
        : []),
      ...(cost === null && attempts.length > 0 ? [unknownCost(name)] : []),
      ...summarize(said).map((warning) => `${name}: ${warning}`),
    ];
  });
}

/** Each once; those of documents that were cut, which name other ones for each query, as one. */
function summarize(said: readonly string[]): readonly string[] {
  const cut = said.flatMap((warning) => cutWarning.exec(warning)?.[1] ?? []);
  const documents = cut.reduce((sum, places) => sum + places.split(",").length, 0);
  const others = new Set(said.filter((warning) => !cutWarning.test(warning)));
  return [
    ...(cut.length === 0 ? [] : [`${documents} documents of ${cut.length} queries were cut to what the model reads`]),
    ...[...others].slice(0, shownWarnings),
  ];
}

const cutWarning = /^these documents were cut to what the model reads: ([\d, ]+)/;

/** A server may say something else of each query. */
const shownWarnings = 3;

function unknownCost(name: string): string {
  return `${name}: what its requests cost is not known; model_info.input_cost_per_query or input_cost_per_token of its entry in the configuration gives it a price`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function dollars(amount: number): number {
  return Number(amount.toPrecision(12));
}
