import { DheeraError, type ErrorCode, isDheeraError } from "@dheera-ai/core";
import ipaddr from "ipaddr.js";

/**
 * Bounds how often one address may fail to sign in, in each process. Who is right is let in all the same: behind an ingress everybody
 * may have one address, and one of them would otherwise lock all others out.
 */
export interface Attempts {
  /**
   * @param failure why nobody was signed in; what is no fault of theirs does not count
   * @returns what they are told: the failure, or `rate_limited` for an address that failed too often within the last minute
   */
  failed(address: string | undefined, failure: unknown): unknown;
}

export function createAttempts(now: () => number = () => performance.now()): Attempts {
  const minutes = new Map<string, { began: number; failures: number }>();
  const current = (name: string): { began: number; failures: number } | undefined => {
    const minute = minutes.get(name);
    if (!minute || now() - minute.began < minuteMs) return minute;
    minutes.delete(name);
    return undefined;
  };
  return {
    failed(address, failure) {
      if (!isDheeraError(failure) || !counted.has(failure.code)) return failure;
      const name = networkOf(address);
      const minute = current(name);
      if (minute && minute.failures >= mostFailures)
        return new DheeraError(
          "rate_limited",
          "too many attempts to sign in failed from this address; try again in a minute",
          { retryAfter: (minute.began + minuteMs - now()) / 1_000, cause: failure },
        );
      if (minute) minute.failures++;
      else {
        // The oldest goes: the table must not grow with the addresses of an attack.
        const [oldest] = minutes.keys();
        if (minutes.size >= mostAddresses && oldest !== undefined) minutes.delete(oldest);
        minutes.set(name, { began: now(), failures: 1 });
      }
      return failure;
    },
  };
}

/** A wrong key, one that may not sign in, and an answer of the provider that is none. */
const counted: ReadonlySet<ErrorCode> = new Set(["unauthenticated", "forbidden", "invalid_request"]);
const minuteMs = 60_000;
const mostFailures = 10;
const mostAddresses = 10_000;

/** An IPv6 address counts as its network of 64 bits, of which one machine may use every address. */
function networkOf(address = "unknown"): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv4" ? parsed.toString() : String(parsed.toByteArray().slice(0, 8));
}
