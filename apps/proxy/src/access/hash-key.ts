import type { Buffer } from "node:buffer";
import { hash, randomUUID } from "node:crypto";

/** The form in which a key is kept: `sha256:` and its hexadecimal hash. */
export function hashKey(key: string): string {
  return textOfDigest(digestKey(key));
}

/** The 32 bytes of a key's hash. */
export function digestKey(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

/** The hash as text, as keys are kept. */
export function textOfDigest(digest: Buffer): string {
  return `sha256:${digest.toString("hex")}`;
}

/** The hash of a random key that no caller has. */
export function unusableKeyHash(): string {
  return hashKey(randomUUID());
}
