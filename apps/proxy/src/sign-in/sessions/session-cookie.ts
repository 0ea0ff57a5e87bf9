import { parse, serialize } from "hono/utils/cookie";

/** Which cookies a browser at this address may have set, and how they are set. */
export interface CookieOptions {
  /** Whether people reach the proxy by HTTPS: then no other host and no page without TLS can set the cookie. */
  readonly isSecure: boolean;
}

/** The cookie of a session; undefined where the request has none. */
export function readSessionCookie(headers: Pick<Headers, "get">, options: CookieOptions): string | undefined {
  return readCookie(headers, sessionName, options);
}

/** A `Set-Cookie` header that keeps the session until it expires. */
export function sessionCookie(cookie: string, seconds: number, options: CookieOptions): string {
  return setCookie(sessionName, cookie, seconds, options);
}

/** A `Set-Cookie` header that makes the browser forget the session. */
export function noSessionCookie(options: CookieOptions): string {
  return setCookie(sessionName, "", 0, options);
}

const sessionName = "dheera-session";

/**
 * One value of this name; undefined where there are several, because a page of a sibling host may have set one of them.
 */
export function readCookie(
  headers: Pick<Headers, "get">,
  name: string,
  { isSecure }: CookieOptions,
): string | undefined {
  const header = headers.get("cookie");
  if (header === null) return undefined;
  const fullName = fullNameOf(name, isSecure);
  const values = header.split(/; */).flatMap((pair) => parse(pair, fullName)[fullName] ?? []);
  return values.length === 1 ? values[0] : undefined;
}

export function setCookie(name: string, value: string, seconds: number, { isSecure }: CookieOptions): string {
  // Lax: the browser sends it when a link of another site leads here, as the provider's answer does, and with nothing else of other sites.
  return serialize(fullNameOf(name, isSecure), value, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isSecure,
    maxAge: seconds,
  });
}

/** Browsers let nobody but this host set a cookie with the prefix, and only by HTTPS. */
function fullNameOf(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name;
}
