import { DheeraError, isHttpError, upstreamError } from "@dheera-ai/core";
import * as v from "valibot";

/** The error that callers see, with what to do about the refusals whose reason watsonx names. */
export function explainRefusal(error: unknown, model: string, signal: AbortSignal): DheeraError {
  const plain = upstreamError(error, "watsonx", signal, `watsonx.ai (watsonx/${model})`);
  const code = isHttpError(error) ? codeOf(error.body) : undefined;
  if (code === undefined || plain.upstream === undefined) return plain;
  const advice = advices.get(code);
  return DheeraError.from(plain, {
    ...(advice !== undefined && { message: `${plain.message}: ${advice}` }),
    upstream: { ...plain.upstream, code },
  });
}

const advices: ReadonlyMap<string, string> = new Map([
  ["model_not_supported", "this region or this instance does not have the model; check the model's name and api_base"],
  ["model_no_support_for_function", "the model is no reranker; check its name"],
  [
    "no_associated_service_instance_error",
    "no watsonx.ai Runtime instance is associated with the project; associate one in its settings, or name another project_id",
  ],
  ["token_quota_reached", "the plan's tokens of this month are used up"],
  ["user_authorization_failed", "add the owner of the key to the project or the space as a collaborator"],
]);

/** A word, and never the sentence beside it, which may quote what was sent. */
function codeOf(body: unknown): string | undefined {
  const parsed = v.safeParse(schema, body);
  return parsed.success ? parsed.output.errors[0].code : undefined;
}

const schema = v.object({
  errors: v.looseTuple([v.object({ code: v.pipe(v.string(), v.regex(/^\w{1,100}$/)) })]),
});
