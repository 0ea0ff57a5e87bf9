import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** The keys of `dheera_ai_params` that this provider has: LiteLLM's, and `bedrock_api`. */
export interface Options {
  readonly aws_access_key_id?: string | undefined;
  readonly aws_secret_access_key?: string | undefined;
  readonly aws_session_token?: string | undefined;
  readonly aws_region_name?: string | undefined;
  readonly aws_profile_name?: string | undefined;
  /** ARN of a role that is taken on. */
  readonly aws_role_name?: string | undefined;
  readonly aws_session_name?: string | undefined;
  readonly aws_external_id?: string | undefined;
  /** The token, or `oidc/file/…` and the like. */
  readonly aws_web_identity_token?: string | undefined;
  readonly aws_sts_endpoint?: string | undefined;
  /** LiteLLM's second name for `api_base`. */
  readonly aws_bedrock_runtime_endpoint?: string | undefined;
  /** Which API AWS credentials are for; default `rerank`. */
  readonly bedrock_api?: "rerank" | "invoke_model" | undefined;
}

const text = v.optional(v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty")));

const schema = v.pipe(
  v.object({
    aws_access_key_id: text,
    aws_secret_access_key: text,
    aws_session_token: text,
    aws_region_name: v.optional(
      v.pipe(
        v.string("must be a text"),
        v.regex(/^[a-z0-9-]+$/, "must be a region such as us-west-2: lower case letters, digits and hyphens"),
      ),
    ),
    aws_profile_name: text,
    aws_role_name: text,
    aws_session_name: text,
    aws_external_id: text,
    aws_web_identity_token: text,
    aws_sts_endpoint: v.optional(v.pipe(v.string("must be a text"), v.url("must be a URL"))),
    aws_bedrock_runtime_endpoint: text,
    bedrock_api: v.optional(v.picklist(["rerank", "invoke_model"], "must be rerank or invoke_model")),
  }),
  v.forward(
    v.check(
      ({ aws_access_key_id: id, aws_secret_access_key: secret }) => (id === undefined) === (secret === undefined),
      "is one half of a pair: give aws_access_key_id and aws_secret_access_key together",
    ),
    ["aws_secret_access_key"],
  ),
);

/** The names of all of them. */
export const optionNames: readonly string[] = Object.keys(schema.entries);

/** @throws DheeraError `invalid_request`, naming the key */
export function parseOptions(options: Readonly<Record<string, unknown>>): Options {
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const param = v.getDotPath(issue) ?? "model";
  throw new DheeraError("invalid_request", `${param} ${issue.message}`, { param, provider: "bedrock" });
}
