import type { Operation } from "./open-api.ts";
import { isOpen } from "./topics.ts";

/** Of an operation that says nothing else. */
export const everyKey = "Whoever has a key; all callers of a proxy without one.";

/** Who may call it, as a sentence. */
export function whoMay(operation: Operation): string {
  return operation["x-who-may"] ?? (isOpen(operation) ? "Everybody, without a key." : everyKey);
}
