import * as v from "valibot";

import { type Answer, json } from "../http/answer.ts";
import { type Sequence, checkBatchSize, compute } from "../engine/compute.ts";
import { oracleLogit, oracleScore } from "../oracle.ts";
import { readJson } from "../http/read-json.ts";
import { scoringFlags } from "./scoring-flags.ts";
import { type RequestContext, refused } from "../http/request-context.ts";

/** `POST /predict`: a text, a pair, or a list of either in lists. Works on rerankers too. */
export async function predict(context: RequestContext): Promise<Answer> {
  const { inputs, truncate, raw_scores } = readJson(context, schema);
  if (inputs.kind === "batch") checkBatchSize(context, inputs.sequences.length);
  if (context.settings.modelType === "embedding") throw refused(context, "Backend", "Model is not a classifier model");
  const headers = await compute(context, inputs.sequences, truncate);
  const score = raw_scores ? oracleLogit : oracleScore;
  const predictions = inputs.sequences.map(([first, second = ""]) => {
    const relevant = score(first, second, context.settings.modelSha);
    const labels = [{ score: relevant, label: "LABEL_0" }];
    return context.settings.modelType === "classifier"
      ? [...labels, { score: raw_scores ? -relevant : 1 - relevant, label: "LABEL_1" }]
      : labels;
  });
  return json(200, inputs.kind === "batch" ? predictions : predictions[0], headers);
}

interface Inputs {
  readonly kind: "single" | "batch";
  readonly sequences: readonly Sequence[];
}

const sequence = v.union([v.strictTuple([v.string()]), v.strictTuple([v.string(), v.string()])]);
const inputs = v.union(
  [
    v.pipe(
      v.string(),
      v.transform((text): Inputs => ({ kind: "single", sequences: [[text]] })),
    ),
    v.pipe(
      sequence,
      v.transform((pair): Inputs => ({ kind: "single", sequences: [pair] })),
    ),
    v.pipe(
      v.array(sequence),
      v.transform((sequences): Inputs => ({ kind: "batch", sequences })),
    ),
  ],
  "data did not match any variant of untagged enum PredictInput",
);
const schema = v.object({ inputs, ...scoringFlags });
