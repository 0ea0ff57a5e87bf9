import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** The keys of `dheera_ai_params` that are this provider's. Others are left alone, so that configurations of other gateways work. */
export interface Options {
  /** `listwise` where the model behind the address lets documents influence each other's scores; default `pointwise`. */
  readonly scoring: "pointwise" | "listwise";
}

/** @throws DheeraError `invalid_request` */
export function parseOptions(options: Readonly<Record<string, unknown>>): Options {
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  throw new DheeraError("invalid_request", parsed.issues[0].message, { param: "scoring", provider: "cohere" });
}

const schema = v.object({
  scoring: v.optional(v.picklist(["pointwise", "listwise"], "scoring must be pointwise or listwise"), "pointwise"),
});
