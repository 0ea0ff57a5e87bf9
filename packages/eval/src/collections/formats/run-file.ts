import { orderByScore, type Scored } from "../../measures/order-by-score.ts";
import type { Budget } from "../files/budget.ts";
import { readLines } from "../files/read-lines.ts";
import { refusal } from "../files/refusal.ts";

/**
 * A run file of TREC (`query Q0 document rank score tag`): documents by query, in the order in which trec_eval takes them,
 * which is that of the scores.
 * @throws DheeraError `invalid_request` naming the file, the line and what is wrong with it.
 */
export async function readRun(file: string, budget: Budget): Promise<ReadonlyMap<string, readonly string[]>> {
  const scores = new Map<string, Map<string, number>>();
  await readLines(file, budget, (line, number) => {
    const fields = line.trim().split(/\s+/);
    const [query = "", , document = "", , score = ""] = fields;
    if (fields.length !== 6 && fields.length !== 5)
      throw refusal(
        file,
        number,
        `the line has ${fields.length} columns, not 6 (query, Q0, document, rank, score, tag)`,
      );
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(score) || !Number.isFinite(Number(score)))
      throw refusal(file, number, "the score, which is the fifth column, must be a number");
    const ofQuery = scores.get(query) ?? new Map<string, number>();
    if (ofQuery.size === 0) scores.set(query, ofQuery);
    if (ofQuery.has(document))
      throw refusal(file, number, "the query has the document further above; keep one of them");
    ofQuery.set(document, Number(score));
  });
  if (scores.size === 0)
    throw refusal(file, undefined, "the run is empty; it needs a line for each query and document");
  return new Map([...scores].map(([query, ofQuery]) => [query, orderByScore(scoredOf(ofQuery))]));
}

function scoredOf(scores: ReadonlyMap<string, number>): readonly Scored[] {
  return [...scores].map(([id, score]) => ({ id, score }));
}
