import type { DheeraError } from "./errors.ts";
import type { RankingScoreKind, RerankStage } from "./request/api.ts";

/** A plug-in for models that rank by asking other models of the same configuration: `model: cascade/<any name>`. */
export interface Combination {
  /** The prefix in `model: <name>/<any>`. Lower case letters, digits, `-` and `_`. */
  readonly name: string;
  /** The keys of `dheera_ai_params` that it reads. */
  readonly optionNames: readonly string[];
  /** Checks the parameters. @throws DheeraError `invalid_request`, naming the key at fault */
  connect(options: Readonly<Record<string, unknown>>): CombinedModel;
}

/** One entry of `model_list` that asks other models, as its plug-in connects it. */
export interface CombinedModel {
  /** Model names that it may ask, each once; they must be configured, and none may lead back to itself. */
  readonly models: readonly string[];
  /**
   * Ranks each document exactly once. When `question.signal` aborts it ends soon, with what it has or with the signal's
   * reason. @throws DheeraError where it cannot
   */
  rank(question: CombinedQuestion): Promise<CombinedRanking>;
}

/** One request, as a combined model sees it. */
export interface CombinedQuestion {
  /** The text of each document that is to be ranked; what `CombinedRanking` counts by. */
  readonly texts: readonly string[];
  readonly query: string;
  /** Results that the caller wants. */
  readonly topN: number;
  /** Whom splits send to the same model again: a session, else the caller's key; undefined where neither is known. */
  readonly session: string | undefined;
  /** The caller wants scores as the models give them: thresholds that were set for other scores mean nothing. */
  readonly asksRawScores: boolean;
  readonly signal: AbortSignal;
  /**
   * Another model's ranking of these documents (indices of `texts`, each once; all of them when absent), with the caller's
   * own parameters, key, priority and deadline. Ties come out in the order of the question.
   * @throws DheeraError when the caller is gone
   */
  ask(model: string, documents?: readonly number[], options?: AskOptions): Promise<MemberAnswer>;
}

export interface AskOptions {
  /** Without the member's own calibration, which makes documents equal that the model told apart; for who reads the order. */
  readonly uncalibrated?: boolean | undefined;
}

/** What a model said that a combined one asked, or why it could say nothing. */
export type MemberAnswer = MemberRanking | MemberFailure;

/** What a member said. */
export interface MemberRanking {
  readonly failure?: undefined;
  /** Indices of `CombinedQuestion.texts`, best first: each one that was asked for, once. */
  readonly order: readonly number[];
  /** The score of each of them, in the same order; NaN for those that the model refused, which come last. */
  readonly scores: readonly number[];
  /**
   * Which of them the member holds for equally good, in the same order: whole numbers that ascend, the same where it said the
   * same of them; NaN for those that it refused. A cascade also orders documents that left early, whose `scores` are NaN.
   */
  readonly levels: readonly number[];
  readonly scoreKind: RankingScoreKind;
  /** The model name that served: another one after a fallback. */
  readonly servedBy: string;
  /** What is said of it in `meta.stages`. */
  readonly stage: RerankStage;
}

/** Why a member said nothing. */
export interface MemberFailure {
  /** `timeout` also where the deadline of the whole request passed: what is known by then may still be answered. */
  readonly failure: DheeraError;
  readonly stage: RerankStage;
}

/** What a combined model makes of what its members said. */
export interface CombinedRanking {
  /** Indices of `CombinedQuestion.texts`, best first: each exactly once. */
  readonly order: readonly number[];
  /** The score of each of them, in the same order: never ascending, all of one scale; NaN, and last, for those that have none on it. */
  readonly scores: readonly number[];
  readonly scoreKind: RankingScoreKind;
  readonly stages: readonly RerankStage[];
  /** By the index of the document: the stage that ranked it, and its score there (NaN where it refused it). */
  readonly stageOf?: ReadonlyMap<number, { readonly stage: string; readonly score: number }> | undefined;
  /** What the answer calls the model, where one of several served alone; the combined model's own name when absent. */
  readonly servedBy?: string | undefined;
  /** Beside those of the models that were asked. */
  readonly warnings: readonly string[];
}
