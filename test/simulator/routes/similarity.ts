import * as v from "valibot";

import { type Answer, json } from "../http/answer.ts";
import { type Sequence, checkBatchSize, compute } from "../engine/compute.ts";
import { oracleCosine } from "../oracle.ts";
import { readJson } from "../http/read-json.ts";
import { scoringFlags } from "./scoring-flags.ts";
import { type RequestContext, refused } from "../http/request-context.ts";

/** `POST /similarity`: cosines in input order. The source counts against the batch size. */
export async function similarity(context: RequestContext): Promise<Answer> {
  const { inputs, parameters } = readJson(context, schema);
  if (inputs.sentences.length === 0) throw refused(context, "Empty", "`inputs.sentences` cannot be empty");
  if (context.settings.modelType !== "embedding") throw refused(context, "Backend", "Model is not an embedding model");
  checkBatchSize(context, inputs.sentences.length + 1);
  const texts = [inputs.source_sentence, ...inputs.sentences].map((text): Sequence => [text]);
  const headers = await compute(context, texts, parameters?.truncate);
  const cosines = inputs.sentences.map((sentence) => oracleCosine(inputs.source_sentence, sentence));
  return json(200, cosines, headers);
}

const schema = v.object({
  inputs: v.object({ source_sentence: v.string(), sentences: v.array(v.string()) }),
  parameters: v.nullish(
    v.object({
      truncate: scoringFlags.truncate,
      truncation_direction: scoringFlags.truncation_direction,
      prompt_name: v.nullish(v.string()),
    }),
  ),
});
