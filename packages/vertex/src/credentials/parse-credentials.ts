import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** A credentials file of Google, of one of the kinds that give a token for a project. */
export type Credentials = SourceCredentials | Impersonation;
export type SourceCredentials = v.InferOutput<typeof sourceSchema>;
/** What `gcloud auth application-default login --impersonate-service-account` writes. */
export type Impersonation = v.InferOutput<typeof impersonationSchema>;

/**
 * @param saidBy What named them: `vertex_credentials`, a variable.
 * @throws DheeraError `provider_auth` that quotes nothing of them
 */
export function parseCredentials(given: unknown, saidBy: string): Credentials {
  const parsed = v.safeParse(schema, given);
  if (!parsed.success) {
    const where = v.getDotPath(parsed.issues[0]);
    throw unusable(
      saidBy,
      where === null || where === "type"
        ? `hold no type of credentials that is known; there are ${types.join(", ")}`
        : `have no usable ${where}; download or make them again`,
    );
  }
  const { output } = parsed;
  if (
    "universe_domain" in output &&
    output.universe_domain !== undefined &&
    output.universe_domain !== "googleapis.com"
  )
    throw unusable(saidBy, "are of another cloud than googleapis.com, which is not supported");
  return output;
}

function unusable(saidBy: string, problem: string): DheeraError {
  return new DheeraError("provider_auth", `the credentials of ${saidBy} ${problem}`, {
    provider: "vertex_ai",
    permanent: true,
  });
}

const text = v.pipe(v.string(), v.minLength(1));
const optional = v.exactOptional(text);
const url = v.pipe(v.string(), v.url());
const optionalUrl = v.exactOptional(url);

const serviceAccountSchema = v.object({
  type: v.literal("service_account"),
  client_email: text,
  private_key: text,
  project_id: optional,
  token_uri: optionalUrl,
  universe_domain: optional,
});

const userSchema = v.object({
  type: v.literal("authorized_user"),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  quota_project_id: optional,
  token_uri: optionalUrl,
  universe_domain: optional,
});

/** Where a workload outside of Google gets its own token from. */
const credentialSourceSchema = v.object({
  file: optional,
  url: optionalUrl,
  headers: v.exactOptional(v.record(v.string(), v.string())),
  format: v.exactOptional(v.object({ type: v.picklist(["json", "text"]), subject_token_field_name: optional })),
  certificate: v.exactOptional(
    v.object({
      use_default_certificate_config: v.exactOptional(v.boolean()),
      certificate_config_location: optional,
      trust_chain_path: optional,
    }),
  ),
  environment_id: optional,
  region_url: optionalUrl,
  regional_cred_verification_url: optionalUrl,
  imdsv2_session_token_url: optionalUrl,
  executable: v.exactOptional(
    v.object({ command: text, timeout_millis: v.exactOptional(v.number()), output_file: optional }),
  ),
});

const externalSchema = v.object({
  type: v.literal("external_account"),
  audience: text,
  subject_token_type: text,
  token_url: optionalUrl,
  service_account_impersonation_url: optionalUrl,
  service_account_impersonation: v.exactOptional(v.object({ token_lifetime_seconds: v.exactOptional(v.number()) })),
  client_id: optional,
  client_secret: optional,
  workforce_pool_user_project: optional,
  quota_project_id: optional,
  universe_domain: optional,
  credential_source: credentialSourceSchema,
});

const sourceSchema = v.variant("type", [serviceAccountSchema, userSchema, externalSchema]);

const impersonationSchema = v.object({
  type: v.literal("impersonated_service_account"),
  service_account_impersonation_url: v.pipe(url, v.regex(/\/[^/]+:generate(AccessToken|IdToken)$/)),
  delegates: v.exactOptional(v.array(v.string())),
  source_credentials: sourceSchema,
  quota_project_id: optional,
});

const schema = v.variant("type", [serviceAccountSchema, userSchema, externalSchema, impersonationSchema]);
const types = schema.options.map(({ entries }) => entries.type.literal);
