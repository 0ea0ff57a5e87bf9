import * as v from "valibot";

/** Only `truncate` may be null; unknown fields are ignored. */
export const scoringFlags = {
  truncate: v.nullish(v.boolean()),
  truncation_direction: v.optional(v.picklist(["Left", "Right", "left", "right"]), "Right"),
  raw_scores: v.optional(v.boolean(), false),
};
