/** Attempts of a delivery; after the last it has failed. */
export const mostAttempts = 10;

const firstWait = 5_000;
/** From one wait to the next. */
const growth = 4;
/** No wait is longer, whatever a server asks for. */
export const longestWait = 6 * 3_600_000;

/**
 * Milliseconds until the next attempt: 5 seconds, 20, 80, and so on to 6 hours, of which a half to all is waited, so that deliveries that
 * failed together do not come again together. Ten attempts take 10 to 20 hours.
 * @param attempts that were made, at least 1
 * @param random from 0 to 1
 * @param retryAfter milliseconds that the server asked for; less is not waited, unless it is more than 6 hours
 */
export function waitAfter(attempts: number, random: number, retryAfter = 0): number {
  const longest = Math.min(longestWait, firstWait * growth ** (attempts - 1));
  const wait = Math.round(longest / 2 + (random * longest) / 2);
  return Math.max(wait, Math.min(longestWait, retryAfter));
}

/** Milliseconds of a `Retry-After`: seconds, or a date. 0 for what is neither. */
export function retryAfterOf(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
