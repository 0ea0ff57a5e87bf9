import type { CostLedger } from "./cost-ledger.ts";
import { ExpectedCost } from "./expected-cost.ts";
import type { KeptRankings } from "./kept-rankings.ts";
import { type Attempt, type Ranked, type RerankFunction, rankOnce } from "./rank-once.ts";
import { digestOfQuestion, keyOfRanking } from "./ranking-key.ts";
import type { PricedRequest } from "./worst-cost.ts";

/** A model that is measured. */
export interface MeasuredModel {
  readonly name: string;
  /** Everything that its rankings follow from, in any form: rankings that were kept under another one are not used. No secret. */
  readonly identity: string;
  /**
   * What its servers say that they are, in any form: rankings that were kept of another one are not used. Where it is not
   * known, because a server cannot be reached, they are.
   */
  readonly revision?: string | undefined;
  /** US dollars that a request costs at most; undefined where that is not known. */
  readonly worstCost?: ((request: PricedRequest) => number | undefined) | undefined;
}

/** A query, and what is to be ranked for it. */
export interface RankedQuery {
  readonly id: string;
  readonly text: string;
  /** Ids, best first. */
  readonly candidates: readonly string[];
}

/** A query with the key of each model's ranking. */
export interface Question {
  readonly query: RankedQuery;
  /** In the order of the models. */
  readonly keys: readonly string[];
}

export interface Run {
  readonly questions: readonly Question[];
  readonly documents: ReadonlyMap<string, string>;
  readonly models: readonly MeasuredModel[];
  readonly rerank: RerankFunction;
  /** Model names whose requests bill nothing. */
  readonly free: ReadonlySet<string>;
  /** Absent where nothing is kept. */
  readonly kept: KeptRankings | undefined;
  readonly ledger: CostLedger;
  /** Requests at one time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onAttempt: (model: string, attempt: Attempt, isKept: boolean) => void;
}

/** What came of the queries that all models were asked. */
export interface RunOutcome {
  /** In the order of the questions; attempts in the order of the models. */
  readonly answered: readonly { readonly query: RankedQuery; readonly attempts: readonly Attempt[] }[];
  /** Rankings that were not asked for, because they were kept. */
  readonly kept: number;
  /** Why there are no more. */
  readonly stopped?: "cost" | "signal";
}

/**
 * Asks every model every question: question by question, so that wherever it ends all models have the same queries. What
 * a question may cost is reserved for all models at once.
 */
export async function runQueries(run: Run): Promise<RunOutcome> {
  const { questions, ledger, concurrency, signal } = run;
  const expected = run.models.map(({ worstCost }) => new ExpectedCost(worstCost));
  const answered = new Map<Question, readonly Attempt[]>();
  let kept = 0;
  let stopped: RunOutcome["stopped"];
  let next = 0;

  const work = async (): Promise<void> => {
    while (stopped === undefined) {
      const question = questions[next++];
      if (question === undefined) return;
      const found = question.keys.map((key) => run.kept?.get(key));
      kept += found.filter((ranked) => ranked !== undefined).length;
      // A query without candidates has an empty ranking, which nobody needs to be asked for.
      const known = question.query.candidates.length === 0 ? found.map(() => emptyRanking) : found;
      const request = requestOf(run, question);
      const reserved = known.map((ranked, at) => (ranked ? 0 : (expected[at]?.of(request) ?? 0)));
      if (!(await ledger.reserve(reserved))) {
        stopped ??= "cost";
        return;
      }
      const attempts = await askAll(run, question, { request, known, reserved, expected }).catch((error: unknown) => {
        // The others end with the question that they are at.
        stopped = "signal";
        throw error;
      });
      if (attempts) answered.set(question, attempts);
      else stopped = "signal";
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, questions.length) }, work));
  if (signal.aborted) stopped = "signal";
  return {
    answered: questions.flatMap((question) => {
      const attempts = answered.get(question);
      return attempts ? [{ query: question.query, attempts }] : [];
    }),
    kept,
    ...(stopped && { stopped }),
  };
}

interface Asked {
  readonly request: PricedRequest;
  readonly known: readonly (Ranked | undefined)[];
  readonly reserved: readonly number[];
  readonly expected: readonly ExpectedCost[];
}

/** One model after the other. Undefined where it was interrupted. */
async function askAll(run: Run, question: Question, asked: Asked): Promise<readonly Attempt[] | undefined> {
  const { models, rerank, free, kept, ledger, signal, onAttempt } = run;
  const attempts: Attempt[] = [];
  for (const [at, { name, revision }] of models.entries()) {
    const known = asked.known[at];
    const reserved = asked.reserved[at] ?? 0;
    if (known) {
      attempts.push(known);
      onAttempt(name, known, true);
      continue;
    }
    if (signal.aborted) {
      ledger.settle(reserved, 0);
      continue;
    }
    const ranking = rankOnce(rerank, { model: name, id: question.query.id, ...asked.request, free, signal });
    const attempt = await ranking.catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    // What was given up may be billed all the same.
    const cost = attempt?.cost ?? reserved;
    ledger.settle(reserved, cost);
    if (!attempt) continue;
    asked.expected[at]?.learn(reserved, cost);
    if ("order" in attempt)
      kept?.add(question.keys[at] ?? "", attempt, { model: name, query: question.query.id, revision });
    attempts.push(attempt);
    onAttempt(name, attempt, false);
  }
  return attempts.length === models.length ? attempts : undefined;
}

const emptyRanking: Ranked = { order: [], scores: [], ties: true, milliseconds: 0, scored: 0, cost: 0 };

function requestOf({ documents }: Run, { query }: Question): PricedRequest {
  return { query: query.text, documents: query.candidates.map((id) => documents.get(id) ?? "") };
}

/** The questions, with what their rankings are kept under. */
export function questionsOf(
  queries: readonly RankedQuery[],
  documents: ReadonlyMap<string, string>,
  models: readonly MeasuredModel[],
): readonly Question[] {
  return queries.map((query) => {
    const digest = digestOfQuestion(
      query.text,
      query.candidates.map((id) => documents.get(id) ?? ""),
    );
    return { query, keys: models.map(({ name, identity }) => keyOfRanking(digest, JSON.stringify([name, identity]))) };
  });
}
