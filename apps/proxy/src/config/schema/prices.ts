import * as v from "valibot";

import { type Kind, number } from "./kinds.ts";

/** What a deployment costs: in `model_info`, or with LiteLLM beside its other parameters. */
export const priceEntries: { readonly [Name in PriceName]: v.OptionalSchema<Kind<number>, undefined> } = {
  input_cost_per_query: v.optional(
    number("US dollars of a search (100 documents begun, in each call); wins over the price that the provider knows."),
  ),
  input_cost_per_token: v.optional(
    number("US dollars of an input token, such as `5e-8`; wins over the price that the provider knows."),
  ),
  output_cost_per_token: v.optional(number("US dollars of an output token, where the upstream bills any.")),
};

type PriceName = "input_cost_per_query" | "input_cost_per_token" | "output_cost_per_token";
