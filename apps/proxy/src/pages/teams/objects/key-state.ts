import type { Key } from "./keys.ts";

export type KeyState = "active" | "blocked" | "expired" | "spent";

/** Whether a key lets its holder in, and else why not. @param now milliseconds since the epoch */
export function keyState(
  { isBlocked, expires, spend, budget }: Pick<Key, "isBlocked" | "expires" | "spend" | "budget">,
  now: number,
): KeyState {
  if (isBlocked) return "blocked";
  if (expires !== undefined && Date.parse(expires) <= now) return "expired";
  return budget !== undefined && spend >= budget ? "spent" : "active";
}
