import * as v from "valibot";

import { checkOptions, countFrom, modelName, numberFrom, repeatedName } from "../check-options.ts";

/** One model of a cascade. */
export interface Stage {
  readonly model: string;
  /** Documents that go on to the next stage; Infinity in the last. */
  readonly keep: number;
  /** Not asked when the best score of the stage before is so much above the second. */
  readonly stopWhenMargin: number | undefined;
  /** Not asked when the best score of the stage before reaches it. */
  readonly stopWhenScore: number | undefined;
}

export interface CascadeOptions {
  readonly stages: readonly Stage[];
  readonly onStageError: "previous" | "fail";
}

/** The keys of `dheera_ai_params` that a cascade reads. */
export const cascadeKeys: readonly string[] = ["stages", "on_stage_error"];

const mostStages = 8;

/** @throws DheeraError `invalid_request`, naming the key at fault */
export function parseCascade(options: Readonly<Record<string, unknown>>): CascadeOptions {
  const { stages, on_stage_error: onStageError } = checkOptions(schema, options);
  return {
    stages: stages.map(({ model, keep = Infinity, stop_when_margin, stop_when_score }) => ({
      model,
      keep,
      stopWhenMargin: stop_when_margin,
      stopWhenScore: stop_when_score,
    })),
    onStageError,
  };
}

const stage = v.strictObject(
  {
    model: modelName("must be a model_name of model_list"),
    keep: v.optional(countFrom(1, "must be a whole number of documents, at least 1, that go on to the next stage")),
    stop_when_margin: v.optional(numberFrom(0, "must be a number, at least 0: the best score minus the second best")),
    stop_when_score: v.optional(v.pipe(v.number("must be a number: a score"), v.finite("must be a number: a score"))),
  },
  (issue) =>
    issue.expected === "never"
      ? "is not known here; a stage has model, keep, stop_when_margin and stop_when_score"
      : "must be an object: { model: minilm, keep: 40 }",
);
type StageInput = v.InferOutput<typeof stage>;

const stagesMessage = `must be a list of 2 to ${mostStages} stages: [{ model: bm25, keep: 200 }, { model: minilm }]`;
const schema = v.object({
  stages: v.pipe(
    v.array(stage, stagesMessage),
    v.minLength(2, stagesMessage),
    v.maxLength(mostStages, stagesMessage),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const [position, mistake] of mistakesOf(dataset.value))
        addIssue({
          message: mistake.message,
          path: [
            { type: "array", origin: "value", input: dataset.value, key: position, value: dataset.value[position] },
            {
              type: "object",
              origin: "value",
              input: { ...dataset.value[position] },
              key: mistake.key,
              value: undefined,
            },
          ],
        });
    }),
  ),
  on_stage_error: v.optional(v.picklist(["previous", "fail"], "must be previous or fail"), "previous"),
});

interface Mistake {
  readonly key: keyof StageInput;
  readonly message: string;
}

/** What is wrong with stages beside each other. */
function mistakesOf(stages: readonly StageInput[]): readonly (readonly [number, Mistake])[] {
  const last = stages.length - 1;
  const repeated = repeatedName(stages.map(({ model }) => model));
  return stages.flatMap((own, position): (readonly [number, Mistake])[] => {
    const mistakes: Mistake[] = [];
    if (position < last && own.keep === undefined)
      mistakes.push({ key: "keep", message: "is missing: how many documents go on to the next stage" });
    if (position === last && own.keep !== undefined)
      mistakes.push({ key: "keep", message: "means nothing in the last stage: no stage follows; remove it" });
    for (const key of ["stop_when_margin", "stop_when_score"] as const)
      if (position === 0 && own[key] !== undefined)
        mistakes.push({ key, message: "means nothing in the first stage: it is about the scores of the stage before" });
    if (own.model === repeated && stages.findIndex(({ model }) => model === repeated) < position)
      mistakes.push({ key: "model", message: `${repeated} is a stage already` });
    return mistakes.map((mistake) => [position, mistake]);
  });
}
