import * as v from "valibot";

import { type CookieOptions, readCookie, setCookie } from "../sessions/session-cookie.ts";

/** A sign-in that waits for the provider's answer. It is kept in the browser that began it, so that no other can end it. */
export interface Pending {
  readonly issuer: string;
  readonly state: string;
  readonly nonce: string;
  /** The secret of PKCE. */
  readonly verifier: string;
  /** Where the person wanted to go. */
  readonly returnTo: string;
}

/** A `Set-Cookie` header that keeps it for the time that a sign-in may take. */
export function pendingCookie(pending: Pending, options: CookieOptions): string {
  const value = Buffer.from(JSON.stringify(pending)).toString("base64url");
  return setCookie(pendingName, value, pendingSeconds, options);
}

/** A `Set-Cookie` header that makes the browser forget it: an answer counts once. */
export function noPendingCookie(options: CookieOptions): string {
  return setCookie(pendingName, "", 0, options);
}

/** Undefined where the request has none, or something else in its place. */
export function readPending(headers: Pick<Headers, "get">, options: CookieOptions): Pending | undefined {
  const value = readCookie(headers, pendingName, options);
  if (value === undefined || value.length > mostCharacters) return undefined;
  try {
    const { success, output } = v.safeParse(schema, JSON.parse(Buffer.from(value, "base64url").toString()));
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}

const pendingName = "dheera-sign-in";
const pendingSeconds = 600;
const mostCharacters = 4_000;

const token = v.pipe(v.string(), v.regex(/^[\w.~-]{32,128}$/));

const schema = v.object({
  issuer: v.string(),
  state: token,
  nonce: token,
  verifier: token,
  returnTo: v.string(),
});
