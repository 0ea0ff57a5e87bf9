import type { RedisSettings } from "./redis-settings.ts";

/** Why Redis cannot be used, said so that a person can act on it. Holds no password. */
export function redisFailure({ host, port }: RedisSettings, reason: unknown): Error {
  return new Error(
    `the score cache does without Redis at ${host}:${port} (${describe(reason)}) and keeps scores in memory only until it can be used again`,
    {
      cause: reason,
    },
  );
}

function describe(reason: unknown): string {
  if (!(reason instanceof Error)) return "no reason given";
  if (reason.name === "TimeoutError")
    return "no answer in time; see whether it is overloaded or far away, or raise timeout_ms";
  // A pipeline's error only counts the commands that failed; what went wrong is in their replies.
  if ("replies" in reason && Array.isArray(reason.replies))
    return describe(reason.replies.find((reply) => reply instanceof Error));
  // A connection tried at several addresses has no message but a code.
  return reason.message || ("code" in reason ? String(reason.code) : reason.name);
}
