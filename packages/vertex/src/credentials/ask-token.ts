import { DheeraError, type Http } from "@dheera-ai/core";
import type { Environment, Exchanged } from "@dheera-ai/core/provider-utils";

import { type Options, textOf } from "../parse-options.ts";
import { clientOf } from "./client-of.ts";
import { exchangeFailure } from "./exchange-failure.ts";
import { findCredentials, type FoundCredentials } from "./find-credentials.ts";
import { libraryHttp } from "./library-http.ts";
import { assertOnGoogle, projectOfMachine } from "./machine.ts";
import type { Credentials } from "./parse-credentials.ts";

/** What a request carries: a token, and the project it is for. */
export interface Access {
  readonly token: string;
  readonly project: string;
}

export interface TokenRequest {
  readonly http: Http;
  readonly environment: Environment;
  readonly options: Options;
  /** Whether credentials that are not the deployment's own may be used for its address. */
  readonly mayUseEnvironment: boolean;
}

/**
 * Finds the credentials anew, so that a file that was replaced counts, and has Google's own library exchange them for a
 * token.
 */
export async function askToken(
  { http, environment, options, mayUseEnvironment }: TokenRequest,
  signal: AbortSignal,
): Promise<Exchanged<Access>> {
  const found = await findCredentials(options.credentials, environment, mayUseEnvironment);
  const wire = libraryHttp(http, signal, found);
  try {
    if (found.kind === "machine") await assertOnGoogle();
    const client = clientOf(found, wire.fetch);
    const { token } = await client.getAccessToken();
    const expiry = client.credentials.expiry_date;
    if (!token || !/^[\x21-\x7e]+$/.test(token) || !expiry)
      throw new DheeraError("provider_bad_response", "Google's answer to the exchange holds no token", {
        provider: "vertex_ai",
      });
    const project = options.project ?? (await projectOf(found, environment));
    if (project === undefined) throw noProject();
    return { value: { token, project }, expiresAt: new Date(expiry) };
  } catch (error) {
    throw exchangeFailure(error, wire.failure());
  }
}

/** What the credentials are of, else what Google's own programs go by. */
async function projectOf(found: FoundCredentials, environment: Environment): Promise<string | undefined> {
  const ofFile = found.kind === "file" ? projectOfFile(found.file) : undefined;
  const ofEnvironment = textOf(environment["GOOGLE_CLOUD_PROJECT"]) ?? textOf(environment["GCLOUD_PROJECT"]);
  return ofFile ?? ofEnvironment ?? (found.kind === "machine" ? projectOfMachine() : undefined);
}

function projectOfFile(file: Credentials): string | undefined {
  if (file.type === "service_account") return file.project_id;
  return file.quota_project_id;
}

function noProject(): DheeraError {
  return new DheeraError(
    "provider_auth",
    "vertex_ai needs the project that is billed, and the credentials name none; set vertex_project of this deployment, or VERTEXAI_PROJECT",
    { provider: "vertex_ai", permanent: true },
  );
}
