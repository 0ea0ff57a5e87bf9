import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/**
 * The keys of `dheera_ai_params` that every row has. Others are left alone, so that configurations of other gateways
 * work.
 */
export interface Options {
  /** `listwise` where the model lets documents influence each other's scores; what the row says when absent. */
  readonly scoring?: "pointwise" | "listwise" | undefined;
  /** Tells models apart that have one name at different servers. */
  readonly revision?: string | undefined;
}

/** The names of all of them. */
export const optionNames: readonly (keyof Options)[] = ["scoring", "revision"];

/** @throws DheeraError `invalid_request` */
export function parseOptions(options: Readonly<Record<string, unknown>>, provider: string): Options {
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new DheeraError("invalid_request", issue.message, { param: v.getDotPath(issue) ?? "scoring", provider });
}

const schema = v.object({
  scoring: v.optional(v.picklist(["pointwise", "listwise"], "scoring must be pointwise or listwise")),
  revision: v.optional(v.string("revision must be a text")),
});
