import type { Language } from "@dheera-ai/bm25/collection";
import { DheeraError } from "@dheera-ai/core";

import { sampleQueries } from "../candidates/sample-queries.ts";
import type { Collection, JudgedQuery } from "../collections/collection.ts";
import { candidatesOf } from "./candidates-of.ts";
import { CostLedger } from "./cost-ledger.ts";
import type { Attempt, RerankFunction } from "./rank-once.ts";
import { type KeptRankings, openKeptRankings } from "./kept-rankings.ts";
import { type MeasuredModel, type Question, type RunOutcome, questionsOf, runQueries } from "./run-queries.ts";

/** Which models rank which collection, and how much that may cost. */
export interface CollectOptions {
  readonly collection: Collection;
  readonly models: readonly MeasuredModel[];
  readonly rerank: RerankFunction;
  /** Model names whose requests bill nothing, members of other models included. */
  readonly free?: ReadonlySet<string> | undefined;
  /** Documents a query at most; default 100. */
  readonly topK?: number | undefined;
  /** Of the texts, for the search by BM25; default english. */
  readonly language?: Language | undefined;
  /** How many queries; all when absent. */
  readonly queries?: number | undefined;
  /** Decides which queries; default 1. */
  readonly seed?: number | undefined;
  /** Requests at one time; default 4. */
  readonly concurrency?: number | undefined;
  /** US dollars that this run may cost. */
  readonly maxCost?: number | undefined;
  /** What becomes of a model whose cost cannot be known before, under a ceiling; default `refuse`. */
  readonly unknownCost?: UnknownCost | undefined;
  /** File of rankings that were made before, and that of this run are added to. Nothing is kept when absent. */
  readonly keptFile?: string | undefined;
  /** Ends it early; what was measured until then is reported. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told what came of each request, and of each ranking that was kept, as soon as it is known. */
  readonly onAttempt?: ((model: string, attempt: Attempt) => void) | undefined;
}

/**
 * `refuse`: nothing is measured. `skip`: the model is left out. `allow`: it is asked, and counts as twice its dearest
 * request so far; one that never says what it cost is not counted, with a warning.
 */
export type UnknownCost = "refuse" | "skip" | "allow";

/** How far it is. */
export interface Progress {
  /** Rankings, of all models. */
  readonly done: number;
  readonly total: number;
  /** Of those, made by an earlier run. */
  readonly kept: number;
  readonly failed: number;
  /** US dollars of this run. */
  readonly spent: number;
}

/** What models made of the queries of a collection. */
export interface Collected extends Pick<RunOutcome, "answered" | "kept"> {
  /** The queries that were chosen. */
  readonly chosen: readonly JudgedQuery[];
  readonly models: readonly MeasuredModel[];
  readonly source: string;
  readonly topK: number;
  readonly seed: number;
  readonly stopped?: string;
  readonly warnings: readonly string[];
}

const defaults = { topK: 100, seed: 1, concurrency: 4 };

/**
 * Lets models rank the candidates of a collection's queries; rankings that were kept are not asked for again.
 * @throws DheeraError `invalid_request` where a ceiling cannot be held
 */
export async function collectRankings(options: CollectOptions): Promise<Collected> {
  const { collection, topK = defaults.topK, seed = defaults.seed, free = new Set<string>(), language } = options;
  const chosen = sampleQueries(collection.queries, options.queries ?? Infinity, seed);
  const { source, queries } = await candidatesOf(collection, chosen, { topK, language });
  const ledger = new CostLedger(options.maxCost);
  const all = questionsOf(queries, collection.documents, options.models);
  const models = affordableModels(options, all);
  const questions = models.length === options.models.length ? all : questionsOf(queries, collection.documents, models);
  const warnings = [
    ...collection.warnings,
    ...options.models.filter((model) => !models.includes(model)).map(({ name }) => skippedMessage(name)),
  ];
  const kept = await openFile(options.keptFile, questions, models);
  const progress = { done: 0, total: questions.length * models.length, kept: 0, failed: 0 };
  try {
    const outcome = await runQueries({
      questions,
      documents: collection.documents,
      models,
      rerank: options.rerank,
      free,
      kept,
      ledger,
      concurrency: options.concurrency ?? defaults.concurrency,
      signal: options.signal ?? new AbortController().signal,
      onAttempt: (model, attempt, isKept) => {
        options.onAttempt?.(model, attempt);
        progress.done++;
        if (isKept) progress.kept++;
        if ("error" in attempt) progress.failed++;
        options.onProgress?.({ ...progress, spent: ledger.spent });
      },
    });
    const stopped = describeStop(outcome, questions.length, ledger, options.maxCost);
    return {
      answered: outcome.answered,
      kept: outcome.kept,
      chosen,
      models,
      source,
      topK,
      seed,
      ...(stopped !== undefined && { stopped }),
      warnings: [...warnings, ...(options.maxCost === undefined ? [] : uncounted(outcome, models))],
    };
  } finally {
    kept?.close();
  }
}

async function openFile(
  path: string | undefined,
  questions: readonly Question[],
  models: readonly MeasuredModel[],
): Promise<KeptRankings | undefined> {
  if (path === undefined) return undefined;
  const wanted = questions.flatMap(({ keys }) => keys.map((key, at) => [key, models[at]?.revision] as const));
  return openKeptRankings(path, new Map(wanted));
}

/** Under a ceiling, the models of which it can be known before what a request costs at most, or that are allowed. */
function affordableModels(
  { models, collection, maxCost, unknownCost = "refuse" }: CollectOptions,
  questions: readonly Question[],
): readonly MeasuredModel[] {
  const example = questions.find(({ query }) => query.candidates.length > 0)?.query;
  if (maxCost === undefined || unknownCost === "allow" || !example) return models;
  const request = {
    query: example.text,
    documents: example.candidates.map((id) => collection.documents.get(id) ?? ""),
  };
  const known = models.filter(({ worstCost }) => worstCost?.(request) !== undefined);
  if (known.length === models.length || (unknownCost === "skip" && known.length > 0)) return known;
  const unknown = models.filter((model) => !known.includes(model)).map(({ name }) => name);
  throw new DheeraError(
    "invalid_request",
    `max_cost: what a request costs is not known of ${unknown.join(", ")}, so no ceiling can be held; give model_info.input_cost_per_query or input_cost_per_token in the configuration, or say with unknown_cost that such models are to be left out (skip) or asked all the same (allow)`,
    { param: "max_cost" },
  );
}

function skippedMessage(name: string): string {
  return `${name} was left out: what its requests cost is not known`;
}

/** Of models that were allowed and never said what they cost, whose requests no ceiling has counted. */
function uncounted({ answered }: RunOutcome, models: readonly MeasuredModel[]): readonly string[] {
  return models.flatMap(({ name }, at) => {
    const unknown = answered.filter(({ attempts }) => attempts[at]?.cost === null).length;
    return unknown === 0
      ? []
      : [
          `the ceiling did not count ${name}: of ${unknown} of its requests it is not known what they cost; model_info.input_cost_per_query or input_cost_per_token gives it a price`,
        ];
  });
}

function describeStop(
  { stopped, answered }: RunOutcome,
  questions: number,
  ledger: CostLedger,
  ceiling: number | undefined,
): string | undefined {
  if (stopped === undefined) return undefined;
  const measured = `${answered.length} of ${questions} queries were measured`;
  if (stopped === "signal") return `interrupted: ${measured}`;
  const next = ` (the next one may cost up to $${ledger.refused})`;
  return ledger.isPassed
    ? `stopped after the ceiling of $${ceiling} was passed, because requests cost more than could be known: ${measured}, for $${ledger.spent}`
    : `stopped before the ceiling of $${ceiling} could be passed: ${measured}, for $${ledger.spent}${next}`;
}
