import * as v from "valibot";

import { type Answer, json } from "../http/answer.ts";
import { type Sequence, checkBatchSize, compute } from "../engine/compute.ts";
import { oracleLogit, oracleScore } from "../oracle.ts";
import { readJson } from "../http/read-json.ts";
import { scoringFlags } from "./scoring-flags.ts";
import { type RequestContext, refused } from "../http/request-context.ts";

/** `POST /rerank`. The checks come in the server's order: empty, model type, batch size, then each text. */
export async function rerank(context: RequestContext): Promise<Answer> {
  const { query, texts, truncate, raw_scores, return_text } = readJson(context, schema);
  if (texts.length === 0) throw refused(context, "Empty", "`texts` cannot be empty");
  if (context.settings.modelType !== "reranker") throw refused(context, "Backend", "model is not a re-ranker model");
  checkBatchSize(context, texts.length);
  const pairs = texts.map((text): Sequence => [query, text]);
  const headers = await compute(context, pairs, truncate);
  const { modelSha } = context.settings;
  const score = raw_scores ? oracleLogit : oracleScore;
  const ranks = texts
    .map((text, index) =>
      return_text
        ? { index, text, score: score(query, text, modelSha) }
        : { index, score: score(query, text, modelSha) },
    )
    // Sorted ascending and then reversed by the server: equal scores come in descending order of index.
    .sort((a, b) => b.score - a.score || b.index - a.index);
  return json(200, ranks, headers);
}

const schema = v.object({
  query: v.string(),
  texts: v.array(v.string()),
  return_text: v.optional(v.boolean(), false),
  ...scoringFlags,
});
