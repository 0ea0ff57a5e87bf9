import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** The keys of `dheera_ai_params` that this provider has. */
export interface Options {
  readonly volc_access_key_id?: string | undefined;
  /** Another name for `api_key`. */
  readonly volc_secret_access_key?: string | undefined;
  /** Of temporary keys. */
  readonly volc_session_token?: string | undefined;
  readonly volc_region_name?: string | undefined;
  /** `251028`; the service's own choice when absent. */
  readonly model_version?: string | undefined;
}

const text = v.optional(v.pipe(v.string("must be a text"), v.trim(), v.nonEmpty("must not be empty")));

const schema = v.object({
  volc_access_key_id: text,
  volc_secret_access_key: text,
  volc_session_token: text,
  volc_region_name: v.optional(
    v.pipe(v.string("must be a text"), v.regex(/^[a-z0-9-]+$/, "must be a region such as cn-beijing")),
  ),
  model_version: text,
});

/** The names of all of them. */
export const optionNames: readonly string[] = Object.keys(schema.entries);

/** @throws DheeraError `invalid_request`, naming the key */
export function parseOptions(options: Readonly<Record<string, unknown>>): Options {
  const parsed = v.safeParse(schema, options);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const param = v.getDotPath(issue) ?? "volc_access_key_id";
  throw new DheeraError("invalid_request", `${param} ${issue.message}`, { param, provider: "volcengine" });
}
