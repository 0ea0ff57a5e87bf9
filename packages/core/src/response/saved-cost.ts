import type { Price } from "../contract.ts";
import { costOf, searchUnitsOf } from "../dispatch/billed.ts";
import { type ScoreOutcome, type ScoreTask, origin } from "../dispatch/score-task.ts";
import { estimateTokens } from "../plan/estimate-tokens.ts";
import { planTask } from "../plan/plan-task.ts";

/**
 * US dollars that the texts would have cost whose scores were known or repeated. Exact by the rule where searches are paid
 * for: the units of all texts less those of the texts that were computed. An estimate where tokens are: as many for each
 * character as the upstream counted in this request, or a guess where it counted none. Undefined without a price, and where there are none.
 */
export function savedCostOf(task: ScoreTask, outcome: ScoreOutcome): number | undefined {
  const { price } = task.pool.profile;
  if (!price) return undefined;
  const computed: number[] = [];
  outcome.origins?.forEach((from, position) => from === origin.computed && computed.push(position));
  if (computed.length === task.texts.length) return undefined;
  return costOf(
    { searchUnits: savedUnits(task, computed, price), inputTokens: savedTokens(task, outcome, price) },
    price,
  );
}

function savedUnits(task: ScoreTask, computed: readonly number[], { perSearchUnit = 0 }: Price): number {
  if (perSearchUnit === 0) return 0;
  return Math.max(0, unitsOf(task, [...task.texts.keys()]) - unitsOf(task, computed));
}

function unitsOf(task: ScoreTask, positions: readonly number[]): number {
  if (positions.length === 0) return 0;
  if (task.pool.profile.scoring === "listwise") return searchUnitsOf(positions.length);
  return planTask(task, positions).batches.reduce((units, batch) => units + searchUnitsOf(batch.length), 0);
}

function savedTokens(
  { query, texts, pool }: ScoreTask,
  { origins, usage }: ScoreOutcome,
  { perToken = 0 }: Price,
): number {
  if (perToken === 0) return 0;
  const { tokensPerDocument: most = Infinity } = pool.profile.limits;
  const ofQuery = estimateTokens(query);
  let saved = 0;
  let computed = 0;
  for (const [position, text] of texts.entries()) {
    const tokens = Math.min(ofQuery + estimateTokens(text), most);
    if (origins?.[position] === origin.computed) computed += tokens;
    else saved += tokens;
  }
  const counted = usage?.inputTokens ?? 0;
  return computed > 0 && counted > 0 ? (saved * counted) / computed : saved;
}
