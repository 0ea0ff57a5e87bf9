import { DheeraError, isHttpError, upstreamError } from "@dheera-ai/core";
import * as v from "valibot";

/** The error that callers see, with what to do about the refusals whose reason Google names. */
export function explainRefusal(error: unknown, model: string, signal: AbortSignal): DheeraError {
  const plain = upstreamError(error, "vertex_ai", signal, `Vertex AI (vertex_ai/${model})`);
  const [code, ...more] = isHttpError(error) ? wordsOf(error.body) : [];
  if (code === undefined || plain.upstream === undefined) return plain;
  const advice = [code, ...more].map((word) => advices.get(word)).find((known) => known !== undefined);
  return DheeraError.from(plain, {
    ...(advice !== undefined && { message: `${plain.message}: ${advice}` }),
    upstream: { ...plain.upstream, code },
  });
}

/** By the reason or the status, the most telling first. */
const advices: ReadonlyMap<string, string> = new Map([
  [
    "SERVICE_DISABLED",
    "enable the Discovery Engine API (discoveryengine.googleapis.com) in the project, and wait some minutes",
  ],
  ["BILLING_DISABLED", "the project has no billing account"],
  [
    "USER_PROJECT_DENIED",
    "the account may not bill the project; give it the role Service Usage Consumer there, or set vertex_project",
  ],
  [
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "the token lacks the scope cloud-platform; give it to the machine's service account, or set vertex_credentials",
  ],
  [
    "PERMISSION_DENIED",
    "give the account the permission discoveryengine.rankingConfigs.rank in the project (role Discovery Engine Viewer), or set vertex_project",
  ],
  ["RESOURCE_EXHAUSTED", "the project's quota of rank requests is used up; wait, or have it raised"],
  ["NOT_FOUND", "check the model's name, vertex_project and vertex_location"],
  ["INVALID_ARGUMENT", "check the model's name, and that the query is not empty"],
]);

/** Words, and never the sentence beside them, which may quote what was sent: the reason, then the status. */
function wordsOf(body: unknown): readonly string[] {
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) return [];
  const { details, status } = parsed.output.error;
  return [...details.flatMap(({ reason }) => reason ?? []), status].filter((word) => /^[A-Z_]{1,64}$/.test(word));
}

const detail = v.object({ reason: v.fallback(v.optional(v.string()), undefined) });
const schema = v.object({
  error: v.object({
    status: v.fallback(v.string(), ""),
    details: v.fallback(v.array(v.fallback(detail, {})), []),
  }),
});
