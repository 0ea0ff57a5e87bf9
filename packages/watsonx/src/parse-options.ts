import { DheeraError } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/** The keys of `dheera_ai_params` that are watsonx's own, under the names that LiteLLM has for them. */
export interface Options {
  /** Where requests are billed: one of the two is in each request. */
  readonly scope: { readonly project_id: string } | { readonly space_id: string };
  /** A date that names the version of the API: `2024-03-13`. */
  readonly apiVersion: string | undefined;
  /** Comes before `api_base`. */
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly zenApiKey: string | undefined;
  /** Comes before `api_key`. */
  readonly credentialsKey: string | undefined;
  readonly iamUrl: string | undefined;
  /** Tokens of one input that the model reads at the most; above its own maximum it refuses. */
  readonly truncateInputTokens: number | undefined;
}

/**
 * @throws DheeraError `invalid_request` for a value of a wrong type, and where neither a project nor a space is named:
 * every request would be refused
 */
export function parseOptions(given: Readonly<Record<string, unknown>>, environment: Environment): Options {
  const parsed = v.safeParse(schema, given);
  if (!parsed.success) throw refusal(parsed.issues[0]);
  const { wx_credentials, watsonx_credentials, ...options } = parsed.output;
  const credentials = wx_credentials ?? watsonx_credentials ?? {};
  return {
    scope: scopeOf(options, environment),
    apiVersion: options.api_version,
    url: credentials.url,
    token: credentials.token ?? credentials.watsonx_token ?? options.token,
    zenApiKey: options.zen_api_key,
    credentialsKey: credentials.apikey ?? credentials.api_key,
    iamUrl: options.iam_url,
    truncateInputTokens: options.truncate_input_tokens,
  };
}

const projectVariables = ["WATSONX_PROJECT_ID", "WX_PROJECT_ID", "PROJECT_ID"];
const spaceVariables = ["WATSONX_DEPLOYMENT_SPACE_ID", "WATSONX_SPACE_ID", "WX_SPACE_ID", "SPACE_ID"];

/** What a deployment names comes before what the environment names, and a project before a space. */
function scopeOf(options: v.InferOutput<typeof schema>, environment: Environment): Options["scope"] {
  const ownProject = options.project_id ?? options.watsonx_project;
  if (ownProject !== undefined) return { project_id: ownProject };
  if (options.space_id !== undefined) return { space_id: options.space_id };
  const project = firstOf(projectVariables, environment);
  if (project !== undefined) return { project_id: project };
  const space = firstOf(spaceVariables, environment);
  if (space !== undefined) return { space_id: space };
  throw new DheeraError(
    "invalid_request",
    "watsonx bills a project or a deployment space, and none is named; set project_id or space_id of this deployment, or WATSONX_PROJECT_ID or WATSONX_SPACE_ID",
    { param: "project_id", provider: "watsonx" },
  );
}

/** The first of these variables that is set, without the spaces and the end of a line that a file leaves around it. */
export function firstOf(names: readonly string[], environment: Environment): string | undefined {
  return names.map((name) => environment[name]?.trim()).find(Boolean);
}

function refusal(issue: v.BaseIssue<unknown>): DheeraError {
  const param = v.getDotPath(issue) ?? "wx_credentials";
  return new DheeraError("invalid_request", `${param} ${issue.message}`, { param, provider: "watsonx" });
}

const text = v.optional(v.pipe(v.string("must be a text"), v.trim(), v.minLength(1, "must not be empty")));
const date = v.pipe(v.string(isDate()), v.trim(), v.regex(/^\d{4}-\d{2}-\d{2}$/, isDate()));
const tokens = v.pipe(v.number(isCount()), v.integer(isCount()), v.minValue(1, isCount()));
const credentialsSchema = v.object(
  { url: text, apikey: text, api_key: text, token: text, watsonx_token: text },
  "must be an object with url, apikey or token",
);

const schema = v.object({
  project_id: text,
  watsonx_project: text,
  space_id: text,
  api_version: v.optional(date),
  token: text,
  zen_api_key: text,
  wx_credentials: v.optional(credentialsSchema),
  watsonx_credentials: v.optional(credentialsSchema),
  iam_url: text,
  truncate_input_tokens: v.optional(tokens),
});

/** The names of all of them. */
export const optionNames: readonly string[] = Object.keys(schema.entries);

function isDate(): string {
  return "must be a date: 2024-03-13";
}

function isCount(): string {
  return "must be a whole number from 1";
}
