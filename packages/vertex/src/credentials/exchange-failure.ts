import { DheeraError, HttpError, isDheeraError, isHttpError } from "@dheera-ai/core";
import { gaxios } from "google-auth-library";
import * as v from "valibot";

/**
 * What an exchange ended with, as core knows it. Requests that the library makes by itself (to the metadata server, to the
 * token service of a workload identity) end in its own kind of error; anything else says that it cannot use the
 * credentials. Its messages are not repeated, because they may hold what was sent.
 * @param failure What the host's HTTP ended with, where the library used it.
 */
export function exchangeFailure(error: unknown, failure: unknown): unknown {
  const known = failure ?? ofLibrary(error);
  if (!isHttpError(known) || known.status === undefined || !isForGood(known.status)) return known;
  const reason = reasonOf(known.body);
  return new DheeraError(
    "provider_auth",
    `Google gave no token for these credentials (HTTP ${known.status}${reason}); check vertex_credentials, or what Google's libraries find where there are none`,
    { cause: known, provider: "vertex_ai" },
  );
}

function ofLibrary(error: unknown): unknown {
  if (isDheeraError(error)) return error;
  if (error instanceof gaxios.GaxiosError)
    return error.response
      ? new HttpError({ status: error.response.status, headers: error.response.headers, body: undefined })
      : new HttpError(undefined, error.cause ?? error);
  return new DheeraError(
    "provider_auth",
    "Google's library cannot use these credentials; make them again, or check what they refer to",
    { cause: error, provider: "vertex_ai" },
  );
}

function isForGood(status: number): boolean {
  return status < 500 && status !== 408 && status !== 429;
}

/** OAuth's word for it, such as `invalid_grant`: the clock of this machine is wrong, or the key was deleted. */
function reasonOf(body: unknown): string {
  const parsed = v.safeParse(schema, body);
  return parsed.success ? `, ${parsed.output.error}` : "";
}

const schema = v.object({ error: v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/)) });
