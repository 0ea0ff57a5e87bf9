import { createHash, randomUUID } from "node:crypto";

/** How a key is kept: `sha256:` and its hexadecimal hash. */
export function hashKey(key: string): string {
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** The hash of a key that nobody has. */
export function hashOfNobody(): string {
  return hashKey(randomUUID());
}
