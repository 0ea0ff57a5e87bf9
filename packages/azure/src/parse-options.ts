import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/** The keys of `dheera_ai_params` for Microsoft Entra, under the names that LiteLLM has for them. */
export type Options = v.InferOutput<typeof schema>;

/** @throws DheeraError `invalid_request` */
export function parseOptions(given: Readonly<Record<string, unknown>>): Options {
  const parsed = v.safeParse(schema, given);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const param = v.getDotPath(issue) ?? "tenant_id";
  throw new DheeraError("invalid_request", `${param} ${issue.message}`, { param, provider: "azure_ai" });
}

/** Microsoft's names for what gives a token. */
export const credentialNames = [
  "ClientSecretCredential",
  "DefaultAzureCredential",
  "ManagedIdentityCredential",
  "WorkloadIdentityCredential",
] as const;

const text = v.optional(v.pipe(v.string("must be a text"), v.trim(), v.minLength(1, "must not be empty")));
const token = v.optional(
  v.pipe(
    v.string("must be a text"),
    v.trim(),
    v.check(
      (value) => !value.startsWith("oidc/"),
      "cannot be exchanged here; set azure_credential: WorkloadIdentityCredential",
    ),
    v.regex(/^[\x21-\x7e]+$/, "holds characters that no HTTP header may hold"),
  ),
);

const schema = v.object({
  tenant_id: text,
  client_id: text,
  client_secret: text,
  azure_ad_token: token,
  azure_credential: v.optional(v.picklist(credentialNames, `must be one of ${credentialNames.join(", ")}`)),
  azure_scope: text,
});

/** The names of all of them. */
export const optionNames: readonly string[] = Object.keys(schema.entries);
