import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

import type { CacheScope } from "@dheera-ai/core";

import type { RecentDigests } from "./recent-digests.ts";

/**
 * One digest for each document under this scope: SHA-256 as a string of 32 byte values. Nobody can make two different pairs meet, so one
 * caller cannot plant a score for another, and replicas agree on it without sharing a secret.
 * @param recent Where those made lately are found again.
 */
export function pairDigests(scope: CacheScope, documents: readonly string[], recent?: RecentDigests): PairDigests {
  const name = nameOf(scope);
  let made: string | undefined;
  // Of fixed length: where the document begins is never in doubt.
  const prefix = (): string => (made ??= digest(name, "base64url"));
  // In a list equal documents may score differently by where they stand.
  if (scope.list)
    return {
      scope: name,
      digests: documents.map((document, position) => digest(`${prefix()}${position}:${document}`, "binary")),
      isNew: false,
    };
  const known = recent?.of(name);
  const digests = documents.map((document) => known?.get(document) ?? digest(prefix() + document, "binary"));
  return { scope: name, digests, isNew: made !== undefined };
}

export interface PairDigests {
  /** All that the scope consists of, as one text. */
  readonly scope: string;
  /** One for each document. */
  readonly digests: readonly string[];
  /** Some had to be made that could be found again. */
  readonly isNew: boolean;
}

/** Lengths tell where each part ends. */
function nameOf({ namespace, fingerprint, params, query, list }: CacheScope): string {
  const parts = [
    namespace === undefined ? "" : "namespace",
    namespace ?? "",
    fingerprint,
    params,
    query,
    list ? "list" : "",
    ...(list ?? []),
  ];
  return parts.map((part) => `${part.length}:${part}`).join("");
}

/**
 * UTF-8 turns every lone surrogate into the same U+FFFD, so a text that holds one is hashed as UTF-16. The two never meet: every text here
 * begins with two ASCII characters, and the second byte of those in UTF-16 is zero.
 */
function digest(text: string, encoding: "binary" | "base64url"): string {
  return hash("sha256", text.isWellFormed() ? text : Buffer.from(text, "utf16le"), encoding);
}
