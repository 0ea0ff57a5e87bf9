import { hash, randomUUID } from "node:crypto";

/** How a key is kept: `sha256:` and its hexadecimal hash. */
export function hashKey(key: string): string {
  return `sha256:${hash("sha256", key)}`;
}

/** The hash of a key that nobody has. */
export function hashOfNobody(): string {
  return hashKey(randomUUID());
}
