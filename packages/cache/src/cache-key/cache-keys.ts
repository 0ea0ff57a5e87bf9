import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

import type { CacheScope } from "@dheera-ai/core";

import type { RecentDigests } from "./recent-digests.ts";

/**
 * One digest for each document under this scope: SHA-256 as a string of 32 byte values. Two pairs with the same digest
 * cannot be found, so one caller cannot plant a score for another, and replicas compute the same digest without sharing
 * a secret.
 * @param recent Digests made recently, which are looked up before a new one is made.
 */
export function cacheKeys(scope: CacheScope, documents: readonly string[], recent?: RecentDigests): PairDigests {
  const name = nameOf(scope);
  let made: string | undefined;
  // Of fixed length: the beginning of the document is unambiguous.
  const prefix = (): string => (made ??= digest(name, "base64url"));
  // In a list equal documents may have different scores, depending on their position.
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
  /** All parts of the scope, as one text. */
  readonly scope: string;
  /** One for each document. */
  readonly digests: readonly string[];
  /** Some digests were made now, and `recent` may keep them. */
  readonly isNew: boolean;
}

/** Each part comes after its length, so that two scopes never have the same name. */
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
 * UTF-8 turns every lone surrogate into the same U+FFFD, so a text that holds one is hashed as UTF-16. The bytes are
 * never the same: every text here begins with two ASCII characters, and the second byte of those in UTF-16 is zero.
 */
function digest(text: string, encoding: "binary" | "base64url"): string {
  return hash("sha256", text.isWellFormed() ? text : Buffer.from(text, "utf16le"), encoding);
}
