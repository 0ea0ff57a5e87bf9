import type { EvalReport } from "../report/eval-report.ts";
import { buildReport } from "./build-report.ts";
import { type CollectOptions, collectRankings } from "./collect-rankings.ts";

/** What `evaluate` measures, and against which baseline. */
export interface EvaluateOptions extends CollectOptions {
  /** Model name that the others are compared with; the first one when absent. */
  readonly baseline?: string | undefined;
  /** Names of measures, of which the first one decides; default ndcg, mrr and recall of the best ten, and map. */
  readonly measures?: readonly string[] | undefined;
}

/**
 * Measures models on a collection: every model ranks the same candidates of the same queries, and is compared with the
 * baseline query by query.
 * @throws DheeraError `invalid_request` where a ceiling cannot be held, or a measure is not known
 */
export async function evaluate(options: EvaluateOptions): Promise<EvalReport> {
  const { measures = defaultMeasures, collection } = options;
  const collected = await collectRankings(options);
  const models = collected.models.map(({ name }) => name);
  const [first = ""] = models;
  const { baseline = first } = options;
  return buildReport({
    ...collected,
    collection,
    isSample: collected.chosen.length < collection.queries.length,
    models,
    baseline: models.includes(baseline) ? baseline : first,
    measures,
    date: new Date(),
  });
}

const defaultMeasures = ["ndcg@10", "mrr@10", "recall@10", "map"];
