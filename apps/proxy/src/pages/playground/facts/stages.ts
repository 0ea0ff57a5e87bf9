import * as v from "valibot";

/** What one model did for a model that is made of several, as the page reads it from `meta.stages`. */
export interface Stage {
  readonly model: string;
  readonly documents: number;
  readonly milliseconds: number;
  readonly cost?: number | undefined;
  readonly skipped?: string | undefined;
  readonly failed?: string | undefined;
  readonly stages?: readonly Stage[] | undefined;
}

export const stage: v.GenericSchema<unknown, Stage> = v.object({
  model: v.string(),
  documents: v.number(),
  milliseconds: v.number(),
  cost: v.optional(v.number()),
  skipped: v.optional(v.string()),
  failed: v.optional(v.string()),
  stages: v.optional(v.lazy(() => v.array(stage))),
});

/** Each model with what came of it, in a line: `bm25 200, minilm 40, cohere-5 not asked`. */
export function stagesInALine(stages: readonly Stage[]): string {
  return stages.map((each) => `${each.model} ${briefly(each)}`).join(", ");
}

function briefly({ documents, skipped, failed }: Stage): string {
  if (failed !== undefined) return "failed";
  return skipped === undefined ? documents.toLocaleString("en") : "not asked";
}

/** What became of a stage that is not in the ranking; empty for one that is. */
export function outcomeOf({ skipped, failed }: Stage): string {
  if (failed !== undefined) return `Failed (${failed.replaceAll("_", " ")})`;
  if (skipped === undefined) return "";
  return `Not asked: ${sureBy[skipped] ?? "the stage before was sure"}`;
}

const sureBy: Readonly<Record<string, string>> = {
  margin: "the stage before was sure, by the margin of its best document",
  score: "the stage before was sure, by the score of its best document",
};
