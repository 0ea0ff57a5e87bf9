import type { RedisSettings } from "./redis-settings.ts";

/**
 * Reports why Redis cannot be used, at most once a minute: a failure that comes with every request must not fill the
 * log. `onError` runs later, so that an error it throws does not fail the request that is being served.
 */
export function failureReporter(
  settings: RedisSettings,
  onError: (error: Error) => void,
  now: () => number = () => performance.now(),
): (reason: unknown) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (reason) => {
    if (now() < quietUntil) return;
    quietUntil = now() + 60_000;
    queueMicrotask(() => onError(failureOf(settings, reason)));
  };
}

/** An error that a person can act on. It holds no password. */
function failureOf({ host, port }: RedisSettings, reason: unknown): Error {
  return new Error(
    `the score cache does without Redis at ${host}:${port} (${describe(reason)}) and keeps scores in memory only until it can be used again`,
    { cause: reason },
  );
}

function describe(reason: unknown): string {
  if (!(reason instanceof Error)) return "no reason given";
  if (reason.name === "TimeoutError")
    return "no answer in time; see whether it is overloaded or far away, or raise timeout_ms";
  // A pipeline's error only counts the commands that failed; the causes are in their replies.
  if ("replies" in reason && Array.isArray(reason.replies))
    return describe(reason.replies.find((reply) => reply instanceof Error));
  // An error after several addresses were tried has a code and no message.
  return reason.message || ("code" in reason ? String(reason.code) : reason.name);
}
