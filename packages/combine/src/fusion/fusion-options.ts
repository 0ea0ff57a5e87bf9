import * as v from "valibot";

import { checkOptions, modelName, numberFrom, repeatedName } from "../check-options.ts";

/** The member that ranks documents as they came, which is how the search in front ranked them; it is never asked. */
export const inputOrder = "input_order";

export interface Member {
  readonly model: string;
  readonly weight: number;
}

export interface FusionOptions {
  readonly members: readonly Member[];
  readonly method: "rrf" | "z_score" | "min_max";
  /** Of RRF: the larger, the less the first ranks count above the others. */
  readonly k: number;
  readonly onModelError: "leave_out" | "fail";
}

/** The keys of `dheera_ai_params` that a fusion reads. */
export const fusionKeys: readonly string[] = ["models", "method", "k", "on_model_error"];

const mostMembers = 10;
const defaultK = 60;

/** @throws DheeraError `invalid_request`, naming the key at fault */
export function parseFusion(options: Readonly<Record<string, unknown>>): FusionOptions {
  const { models, method, k = defaultK, on_model_error: onModelError } = checkOptions(schema, options);
  const members = models.map((member) => (typeof member === "string" ? { model: member, weight: 1 } : member));
  return { members, method, k, onModelError };
}

/** Sums of what members say stay numbers. */
const largestWeight = 1e6;
const weightMessage = `must be a number above 0, ${largestWeight} at most`;
const memberMessage = "must be a model_name of model_list, or { model: bge, weight: 0.7 }";
const weighted = v.strictObject(
  {
    model: modelName("must be a model_name of model_list"),
    weight: v.pipe(
      v.number(weightMessage),
      v.gtValue(0, `${weightMessage}; leave the model out where it is not to count`),
      v.maxValue(largestWeight, weightMessage),
    ),
  },
  (issue) => (issue.expected === "never" ? "is not known here; a member has model and weight" : memberMessage),
);
const member = v.lazy((input): v.GenericSchema<unknown, string | Member> =>
  typeof input === "object" ? weighted : modelName(memberMessage),
);

const modelsMessage = `must be a list of 2 to ${mostMembers} models, of which ${inputOrder} may be one: [bm25, minilm]`;
const kMessage = "must be a number, at least 0";
const schema = v.pipe(
  v.object({
    models: v.pipe(
      v.array(member, modelsMessage),
      v.minLength(2, modelsMessage),
      v.maxLength(mostMembers, modelsMessage),
      v.check(
        (members) => members.some((one) => nameOf(one) !== inputOrder),
        `must name a model beside ${inputOrder}, which ranks nothing anew`,
      ),
      v.check(
        (members) => repeatedName(members.map(nameOf)) === undefined,
        "must name each model once; give one a weight where it is to count more",
      ),
    ),
    method: v.optional(v.picklist(["rrf", "z_score", "min_max"], "must be rrf, z_score or min_max"), "rrf"),
    k: v.optional(numberFrom(0, kMessage)),
    on_model_error: v.optional(v.picklist(["leave_out", "fail"], "must be leave_out or fail"), "leave_out"),
  }),
  v.forward(
    v.partialCheck(
      [["method"], ["k"]],
      ({ method, k }) => method === "rrf" || k === undefined,
      "is for method: rrf alone; remove it",
    ),
    ["k"],
  ),
  v.forward(
    v.partialCheck(
      [["method"], ["models"]],
      ({ method, models }) => method === "rrf" || !models.some((one) => nameOf(one) === inputOrder),
      `${inputOrder} has an order but no scores, so that only method: rrf can take it`,
    ),
    ["models"],
  ),
);

function nameOf(one: string | Member): string {
  return typeof one === "string" ? one : one.model;
}
