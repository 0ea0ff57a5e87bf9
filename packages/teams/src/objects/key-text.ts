import { createHash, randomBytes } from "node:crypto";

import { refusal } from "./check-values.ts";

/** `sk-` and 32 random bytes: as LiteLLM's, whose clients look at the beginning. */
export function randomKey(): string {
  return `sk-${randomBytes(32).toString("base64url")}`;
}

/** As LiteLLM hashes keys: SHA-256 in 64 hexadecimal digits. Keys are random, so there is nothing to guess. */
export function hashOfKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** What people see of a key later: `sk-...3f9a`. */
export function nameOfKey(key: string): string {
  return `sk-...${key.slice(-4)}`;
}

/** @throws DheeraError `invalid_request` that does not quote the key */
export function checkKey(key: string): string {
  if (!/^[\x21-\x7e]{16,512}$/.test(key))
    throw refusal("key", "must have 16 to 512 letters, digits and signs of ASCII, without blanks");
  return key;
}
