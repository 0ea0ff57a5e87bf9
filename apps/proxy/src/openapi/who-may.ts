import type { Operation } from "./open-api.ts";
import { isOpen } from "./topics.ts";

const everyKey = "Whoever has a key; all callers of a proxy without one.";

/** Who may call it, as a sentence. */
export function whoMay(operation: Operation): string {
  if (isOpen(operation)) return "Everybody, without a key.";
  return operation["x-who-may"] ?? everyKey;
}
