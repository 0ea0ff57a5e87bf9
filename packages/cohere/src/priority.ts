import { DheeraError, type ScoreCall } from "@dheera-ai/core";
import * as v from "valibot";

/** Cohere's only option beside the common parameters: `priority` from 0, the default and most urgent, to 999. */
export function priorityField(options: ScoreCall["providerOptions"]): { readonly priority?: number | undefined } {
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const key = v.getDotPath(issue) ?? "";
  const param = `provider_options.cohere.${key}`;
  const problem = key === "priority" ? "must be a whole number from 0 to 999" : "is not known; there is priority";
  throw new DheeraError("invalid_request", `${param} ${problem}`, { param, provider: "cohere" });
}

const schema = v.strictObject({
  priority: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(999))),
});
