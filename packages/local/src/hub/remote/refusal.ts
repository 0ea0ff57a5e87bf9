import { DheeraError } from "@dheera-ai/core";
import { plainText } from "@dheera-ai/core/provider-utils";

import type { ModelReference } from "../cache/names.ts";
import type { HubPlace } from "./place.ts";

/** What was asked of the Hub. */
export interface Asked {
  readonly model: ModelReference;
  /** Within the repository; absent for what is known of the model. */
  readonly file?: string;
}

/** The error for an answer that is none of success, with what to do about it. `X-Error-Code` says more than the status. */
export function refusal(
  response: Pick<Response, "status" | "headers">,
  { model, file }: Asked,
  place: HubPlace,
  address: string,
): DheeraError {
  const { status, headers } = response;
  const code = headers.get("x-error-code") ?? undefined;
  const details = { upstream: { address, status, code: code === undefined ? undefined : plainText(code, 60) } };
  const { name, revision } = model;
  const fail = (kind: "provider_auth" | "model_not_found" | "provider_failed", message: string): DheeraError =>
    new DheeraError(kind, message, { ...details, param: "model" });
  const withToken = place.token === undefined ? undefined : `the token of ${place.tokenSource}`;

  if (code === "GatedRepo")
    return fail(
      "provider_auth",
      `${name} is gated: ask for access at ${place.url.href.replace(/\/$/, "")}/${name}, ${
        withToken
          ? `with the account of ${withToken}, which has none yet`
          : "then set HF_TOKEN to a token of the account that has it (or: hf auth login)"
      }`,
    );
  if (code === "RevisionNotFound") return fail("model_not_found", `${name} has no revision ${revision}`);
  if (code === "EntryNotFound") return fail("model_not_found", `${name} has no file ${file ?? ""} at ${revision}`);
  const said = plainText(headers.get("x-error-message") ?? "", 200);
  if (/invalid (?:credentials|username)/i.test(said) && withToken)
    return fail("provider_auth", `the Hub does not know ${withToken}; it may have expired or been copied wrong`);
  if (/access to this resource is disabled/i.test(said))
    return fail("provider_auth", `the Hub has disabled access to ${name}`);
  if (code === "RepoNotFound" || status === 401 || status === 404)
    return fail(
      "model_not_found",
      `the Hub has no model ${name}${
        withToken ? ` that ${withToken} may see` : "; if it is private or gated, set HF_TOKEN (or: hf auth login)"
      }`,
    );
  if (status === 403)
    return fail("provider_auth", `the Hub does not let ${withToken ?? "a request without token"} read ${name}`);
  return fail("provider_failed", `the Hub answered with HTTP ${status}${said && `: ${said}`}`);
}
