import type { HttpError } from "@dheera-ai/core";

import { errorTypeOf } from "./bedrock-error.ts";

/** What Amazon's clock says: a signature holds five minutes by it. */
export interface ServerClock {
  now(): Date;
  /** @param header the `Date` of an answer */
  correct(header: string | null): void;
}

export function createServerClock(): ServerClock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    correct(header) {
      const time = Date.parse(header ?? "");
      if (!Number.isNaN(time)) ahead = time - Date.now();
    },
  };
}

/** Signed too late or too early, or with keys that have ended: once more with new keys and the right time may work. */
export function isStale(error: HttpError): boolean {
  const type = errorTypeOf(error);
  if (type === "InvalidSignatureException") return isOff(error.headers.get("date"));
  return type !== undefined && staleTypes.has(type);
}

const staleTypes: ReadonlySet<string> = new Set([
  "ExpiredTokenException",
  "ExpiredToken",
  "RequestExpired",
  "RequestTimeTooSkewed",
]);

/** Whether the clocks differ by more than a signature may be old, less a minute for the way. */
function isOff(header: string | null): boolean {
  return Math.abs(Date.parse(header ?? "") - Date.now()) > 240_000;
}
