import {
  type RankingScoreKind,
  type RerankOptions,
  type RerankRequest,
  type RerankResponse,
  type RerankStage,
  isDheeraError,
  newReport,
} from "@dheera-ai/core";

/** `Dheera.rerank`, as far as it is needed here. */
export type RerankFunction = (request: RerankRequest, options?: RerankOptions) => Promise<RerankResponse>;

/** What came of one request: a ranking, or the reason why there is none. */
export type Attempt = Ranked | Failed;

/** A ranking, as it is kept. */
export interface Ranked {
  /** Positions of the candidates, best first, each once. */
  readonly order: readonly number[];
  /** Their scores, in the same order. */
  readonly scores: readonly number[];
  readonly scoreKind?: RankingScoreKind;
  /** Whether equal scores mean that the model finds documents equal. */
  readonly ties: boolean;
  readonly milliseconds: number;
  /** Documents, or their chunks, that models scored for it. */
  readonly scored: number;
  /** US dollars; null where that is not known. */
  readonly cost: number | null;
  readonly stages?: readonly StageCost[];
  readonly warnings?: readonly string[];
}

/** Of one model that a model made of others asked. */
export interface StageCost {
  readonly model: string;
  readonly documents: number;
  readonly cost: number | null;
}

export interface Failed {
  readonly error: string;
  readonly milliseconds: number;
  readonly scored: number;
  readonly cost: number | null;
}

export interface RankingQuestion {
  readonly model: string;
  /** Of the query: a split sends the same one to the same model in every run. */
  readonly id: string;
  readonly query: string;
  readonly documents: readonly string[];
  /** Model names whose requests bill nothing. */
  readonly free: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Asks one model for one ranking. @throws what aborts the signal, and nothing else */
export async function rankOnce(rerank: RerankFunction, question: RankingQuestion): Promise<Attempt> {
  const { model, id, query, documents, free, signal } = question;
  const report = newReport();
  const begun = performance.now();
  /** Without the time in which all of it waited for our other requests; that before a retry is the model's own. */
  const elapsed = (): number => performance.now() - begun - (report.retries > 0 ? 0 : report.queueMilliseconds);
  try {
    const answer = await rerank({ model, query, documents, disable_fallbacks: true }, { report, signal, session: id });
    const milliseconds = rounded(elapsed());
    const cost = costOf(answer, model, free);
    if (answer.meta.reranked === false)
      return { error: unrankedMessage(report.passthrough), milliseconds, scored: report.scored, cost };
    const stages = answer.meta.stages?.flatMap((stage) => stagesOf(stage, free));
    return {
      order: answer.results.map(({ index }) => index),
      scores: answer.results.map(({ relevance_score }) => relevance_score),
      ...(answer.meta.score_kind && { scoreKind: answer.meta.score_kind }),
      ties: hasTies(answer.meta),
      milliseconds,
      scored: report.scored,
      cost,
      ...(stages && { stages }),
      ...(answer.meta.warnings && { warnings: answer.meta.warnings.map(shortened) }),
    };
  } catch (error) {
    if (signal.aborted) throw error;
    const isFree = free.has(model) || report.unpricedCalls === 0;
    return {
      error: shortened(isDheeraError(error) ? error.message : String(error)),
      milliseconds: rounded(elapsed()),
      scored: report.scored,
      cost: isFree ? report.cost : null,
    };
  }
}

/**
 * Only of scores as a model gave them: a stage before, a calibration's plateau, or diversity leaves documents with equal
 * scores in an order that is meant.
 */
function hasTies({ stages, diversified, score_kind: kind }: RerankResponse["meta"]): boolean {
  return !stages && diversified !== true && kind !== "rank" && kind !== "calibrated" && kind !== "fused";
}

function unrankedMessage(code: string | undefined): string {
  return `no deployment could rank${code === undefined ? "" : ` (${code})`}: the answer is the order of the candidates`;
}

/** What was billed; a model that bills nothing names no cost. */
function costOf({ usage, meta }: RerankResponse, model: string, free: ReadonlySet<string>): number | null {
  if (usage?.cost !== undefined) return usage.cost;
  if (meta.stages) return total(meta.stages.map((stage) => costOfStage(stage, free)));
  return free.has(model) ? 0 : null;
}

function costOfStage(stage: RerankStage, free: ReadonlySet<string>): number | null {
  const { cost, documents, model, stages } = stage;
  if (cost !== undefined) return cost;
  if (documents === 0) return 0;
  if (stages) return total(stages.map((inner) => costOfStage(inner, free)));
  return free.has(model) ? 0 : null;
}

/** Null as soon as one is not known. */
export function total(costs: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const cost of costs) {
    if (cost === null) return null;
    sum += cost;
  }
  return Number(sum.toPrecision(12));
}

/** The models at the bottom, which are the ones that score. */
function stagesOf(stage: RerankStage, free: ReadonlySet<string>): readonly StageCost[] {
  if (stage.stages && stage.stages.length > 0) return stage.stages.flatMap((inner) => stagesOf(inner, free));
  const { model, documents } = stage;
  return [{ model, documents, cost: costOfStage(stage, free) }];
}

/** To microseconds. */
function rounded(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1_000) / 1_000);
}

/** Messages end up in a file and on a terminal. */
function shortened(message: string): string {
  return message.replaceAll(/\p{Cc}/gu, " ").slice(0, 1_000);
}
