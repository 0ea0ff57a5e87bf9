import { createHash } from "node:crypto";

import { type Calibration, DheeraError, type RankingScoreKind, calibrate as probabilitiesOf } from "@dheera-ai/core";

import { type CollectOptions, collectRankings } from "../run/collect-rankings.ts";
import type { Ranked } from "../run/rank-once.ts";
import { type CalibrationLosses, calibrationLosses, type Forecast } from "./calibration-losses.ts";
import { fitIsotonic } from "./fit-isotonic.ts";
import { fitPlatt } from "./fit-platt.ts";
import type { LabelledScore } from "./labelled-score.ts";

/** What a calibration is learned from, and by which method. */
export interface LearnCalibrationOptions extends CollectOptions {
  readonly method: Calibration["method"];
  /** What documents without a judgement are: `not_relevant` (default), as in the measures, or left out. */
  readonly unjudged?: "not_relevant" | "leave_out" | undefined;
}

/** A calibration, and what it is worth. */
export interface LearnedCalibration {
  readonly model: string;
  readonly calibration: Calibration;
  /** Scores that it was learned from. */
  readonly pairs: number;
  readonly relevant: number;
  readonly queries: number;
  /** On queries that were held out, five times a fifth of them. */
  readonly held_out: {
    /** Of the scores as they are; null where they are no probabilities and no logits. */
    readonly before: CalibrationLosses | null;
    readonly after: CalibrationLosses;
    /** If every document were as probable as relevant documents are common. */
    readonly constant: CalibrationLosses;
  };
  /** Rankings that an earlier run had made. */
  readonly kept: number;
  readonly stopped?: string;
  readonly warnings: readonly string[];
}

/**
 * Learns from judged queries how one model's scores become probabilities.
 * @throws DheeraError `invalid_request` where scores or labels cannot tell
 */
export async function learnCalibration(options: LearnCalibrationOptions): Promise<LearnedCalibration> {
  const { method, unjudged = "not_relevant", collection } = options;
  const [model = { name: "" }] = options.models;
  const { answered, kept, stopped, warnings, seed } = await collectRankings(options);
  const ranked = answered.flatMap(({ query, attempts: [attempt] }) =>
    attempt && "order" in attempt && attempt.order.length > 0 ? [{ query, ranking: attempt }] : [],
  );
  const failed = answered.flatMap(({ attempts: [attempt] }) => (attempt && "error" in attempt ? [attempt.error] : []));
  const grades = new Map(collection.queries.map((query) => [query.id, query.grades]));
  const kind = kindOf(
    ranked.map(({ ranking }) => ranking),
    model.name,
    failed[0],
  );
  const byQuery = ranked.map(({ query, ranking }) => ({
    id: query.id,
    labelled: labelsOf(ranking, query.candidates, grades.get(query.id) ?? new Map(), unjudged),
  }));
  const all = byQuery.flatMap(({ labelled }) => labelled);
  refuseFew(all, byQuery.length, stopped);
  return {
    model: model.name,
    calibration: fit(method, kind, all),
    pairs: all.length,
    relevant: all.filter(({ isRelevant }) => isRelevant).length,
    queries: byQuery.length,
    held_out: crossValidate(byQuery, seed, (training) => fit(method, kind, training)),
    kept,
    ...(stopped !== undefined && { stopped }),
    warnings: [
      ...warnings,
      ...(failed.length > 0
        ? [`${failed.length} of ${answered.length} queries failed and teach nothing; the first one: ${failed[0]}`]
        : []),
    ],
  };
}

type Grades = ReadonlyMap<string, number>;

interface LabelledQuery {
  readonly id: string;
  readonly labelled: readonly LabelledScore[];
}

function labelsOf(
  { order, scores }: Ranked,
  candidates: readonly string[],
  grades: Grades,
  unjudged: "not_relevant" | "leave_out",
): readonly LabelledScore[] {
  return order.flatMap((position, rank) => {
    const grade = grades.get(candidates[position] ?? "");
    if (grade === undefined && unjudged === "leave_out") return [];
    return [{ score: scores[rank] ?? 0, isRelevant: (grade ?? 0) > 0 }];
  });
}

/** One kind of scores, that a score means something in by itself. @throws DheeraError */
function kindOf(rankings: readonly Ranked[], model: string, error: string | undefined): RankingScoreKind {
  const kinds = new Set(rankings.map(({ scoreKind = "unknown" }) => scoreKind));
  const [kind, ...others] = kinds;
  if (kind === undefined)
    throw refused(`no query of ${model} was ranked${error === undefined ? "" : `; the first error: ${error}`}`);
  if (others.length > 0)
    throw refused(`${model} answers with scores of several kinds (${[...kinds].join(", ")}); no calibration fits all`);
  if (kind === "rank") throw refused(`${model} gives an order only: its scores mean nothing that could be calibrated`);
  return kind;
}

const fewest = { queries: 10, ofEach: 10 };

function refuseFew(all: readonly LabelledScore[], queries: number, stopped: string | undefined): void {
  const relevant = all.filter(({ isRelevant }) => isRelevant).length;
  const others = all.length - relevant;
  if (queries >= fewest.queries && relevant >= fewest.ofEach && others >= fewest.ofEach) return;
  throw refused(
    `too little to learn from: ${queries} queries with ${relevant} relevant and ${others} other documents; it needs at least ${fewest.queries} queries and ${fewest.ofEach} of each${stopped === undefined ? "" : ` (${stopped})`}`,
  );
}

/** @throws DheeraError where higher scores are not more relevant */
function fit(method: Calibration["method"], kind: RankingScoreKind, labelled: readonly LabelledScore[]): Calibration {
  if (method === "isotonic") {
    const { scores, probabilities } = fitIsotonic(labelled);
    return { method, score_kind: kind, scores, probabilities };
  }
  const { slope, intercept } = fitPlatt(labelled);
  if (!(slope > 0))
    throw refused(
      "documents with higher scores are not more often relevant, so no probability can be learned from them",
    );
  return { method, score_kind: kind, slope, intercept };
}

const folds = 5;

/** Whole queries are held out, because documents of one query are alike. */
function crossValidate(
  queries: readonly LabelledQuery[],
  seed: number,
  learn: (training: readonly LabelledScore[]) => Calibration,
): LearnedCalibration["held_out"] {
  const shuffled = queries.toSorted((one, other) => (placeOf(one, seed) < placeOf(other, seed) ? -1 : 1));
  const parts = Array.from({ length: folds }, (_, part) => {
    const isHeldOut = (at: number): boolean => at % folds === part;
    const training = shuffled.filter((_query, at) => !isHeldOut(at)).flatMap(({ labelled }) => labelled);
    const test = shuffled.filter((_query, at) => isHeldOut(at)).flatMap(({ labelled }) => labelled);
    const calibration = learn(training);
    const share = training.filter(({ isRelevant }) => isRelevant).length / Math.max(1, training.length);
    return {
      before: forecastsOf(test, (scores) => asProbabilities(scores, calibration.score_kind)),
      after: forecastsOf(test, (scores) => probabilitiesOf(scores, calibration)),
      constant: forecastsOf(test, (scores) => scores.map(() => share)),
    };
  });
  const before = parts.map((part) => part.before);
  return {
    before: before.every((part) => part !== undefined) ? calibrationLosses(before.flat()) : null,
    after: calibrationLosses(parts.flatMap((part) => part.after ?? [])),
    constant: calibrationLosses(parts.flatMap((part) => part.constant ?? [])),
  };
}

function placeOf({ id }: LabelledQuery, seed: number): string {
  return createHash("sha256").update(`${seed} fold ${id}`).digest("hex");
}

function forecastsOf(
  test: readonly LabelledScore[],
  of: (scores: Float64Array) => Float64Array | undefined,
): readonly Forecast[] | undefined {
  const probabilities = of(Float64Array.from(test, ({ score }) => score));
  return probabilities && test.map(({ isRelevant }, at) => ({ isRelevant, probability: probabilities[at] ?? 0 }));
}

/** What somebody would take for probabilities who calibrates nothing. */
function asProbabilities(scores: Float64Array, kind: RankingScoreKind): Float64Array | undefined {
  if (kind === "probability" || kind === "calibrated") return scores.map((score) => Math.min(1, Math.max(0, score)));
  return kind === "logit" ? scores.map((score) => 1 / (1 + Math.exp(-score))) : undefined;
}

function refused(message: string): DheeraError {
  return new DheeraError("invalid_request", message);
}
