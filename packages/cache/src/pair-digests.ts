import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

import type { CacheScope } from "@dheera-ai/core";

/**
 * One digest for each document under this scope: SHA-256 as a string of 32 byte values. Nobody can make two different pairs meet, so one
 * caller cannot plant a score for another, and replicas agree on it without sharing a secret.
 */
export function pairDigests(scope: CacheScope, documents: readonly string[]): string[] {
  const prefix = scopeDigest(scope);
  // In a list equal documents may score differently by where they stand.
  if (scope.list) return documents.map((document, position) => digest(`${prefix}${position}:${document}`, "binary"));
  return documents.map((document) => digest(prefix + document, "binary"));
}

/** All that precedes the document, of fixed length: where the document begins is never in doubt. */
function scopeDigest({ namespace, fingerprint, params, query, list }: CacheScope): string {
  const parts = [
    namespace === undefined ? "" : "namespace",
    namespace ?? "",
    fingerprint,
    params,
    query,
    list ? "list" : "",
    ...(list ?? []),
  ];
  return digest(parts.map((part) => `${part.length}:${part}`).join(""), "base64url");
}

/**
 * UTF-8 turns every lone surrogate into the same U+FFFD, so a text that holds one is hashed as UTF-16. The two never meet: every text here
 * begins with two ASCII characters, and the second byte of those in UTF-16 is zero.
 */
function digest(text: string, encoding: "binary" | "base64url"): string {
  return hash("sha256", text.isWellFormed() ? text : Buffer.from(text, "utf16le"), encoding);
}
