import { type DheeraError, isDheeraError } from "@dheera-ai/core";

import { outOfService } from "../out-of-service.ts";

/** Nothing has the name; a bucket that is missing is another matter. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === "NoSuchKey" || error.name === "NotFound");
}

/** S3's own word for what it refuses, without its message, which may quote what was sent. */
export function s3Error(bucket: string, error: unknown): DheeraError {
  if (isDheeraError(error)) return error;
  const word = wordFor(error);
  const hasNoRoom = isFull(error, word);
  const reason = hasNoRoom
    ? "is full; what waits goes on when there is room"
    : `cannot be used: ${word}${adviceFor(word)}`;
  return outOfService({ what: "storage", isFull: hasNoRoom, reason: `the bucket ${bucket} ${reason}`, cause: error });
}

/** `AccessDenied` of a server, `ECONNREFUSED` of the system, `TimeoutError` of the library. */
function wordFor(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const code: unknown = Reflect.get(error, "code");
  const word = error.name === "Error" && typeof code === "string" ? code : error.name;
  return /^\w{1,60}$/.test(word) ? word : "unknown error";
}

function isFull(error: unknown, word: string): boolean {
  const metadata: unknown = error instanceof Error ? Reflect.get(error, "$metadata") : undefined;
  const status: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : undefined;
  return status === 507 || /StorageFull|QuotaExceeded|InsufficientStorage/i.test(word);
}

const advice: Readonly<Record<string, string>> = {
  AccessDenied: "; the key must be allowed to read, write, delete and list objects",
  CredentialsProviderError: "; set s3_access_key_id and s3_secret_access_key, or one of Amazon's own sources",
  ECONNREFUSED: "; see s3_endpoint_url",
  ENOTFOUND: "; see s3_endpoint_url",
  InvalidAccessKeyId: "; see s3_access_key_id",
  NoSuchBucket: "; make it first",
  PermanentRedirect: "; see s3_region_name",
  SignatureDoesNotMatch: "; see s3_secret_access_key",
};

function adviceFor(word: string): string {
  return advice[word] ?? "";
}
