import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { Hono } from "hono";
import * as v from "valibot";

import { clientAddress } from "../access/check-key.ts";
import type { Handle, PeerAddress } from "../http/handle.ts";
import { answerJson } from "../http/json-response.ts";
import { readJsonBody } from "../http/read-json-body.ts";
import type { RequestContext } from "../http/request-context.ts";
import { pageHeaders } from "../pages/page-response.ts";
import { type Attempts, createAttempts } from "../sign-in/attempts.ts";
import { explainFailure } from "../sign-in/oidc/explain-failure.ts";
import { noPendingCookie, pendingCookie, readPending } from "../sign-in/oidc/pending.ts";
import type { Sso } from "../sign-in/oidc/sso.ts";
import type { KeyHolder, People, SignedIn } from "../sign-in/people.ts";
import { isSecure } from "../sign-in/own-address.ts";
import { checkForgery, checkSameOrigin, forgeryToken } from "../sign-in/sessions/check-forgery.ts";
import { noSessionCookie, sessionCookie } from "../sign-in/sessions/session-cookie.ts";

/** What pages need to know of who uses them, signing in with a key, and signing out. */
export function signInRoutes(app: Hono, handle: Handle, peerAddress: PeerAddress): void {
  const attempts = createAttempts();
  app.get("/sso/session", handle.open("/sso/session", showSession));
  app.post(
    "/login",
    handle.open("/login", async (context) => {
      const address = addressOf(context, peerAddress);
      // Otherwise a page of another site could sign its user in as somebody else, and see what they then do.
      checkSameOrigin(context.request, { baseUrl: context.gateway.config.general_settings.proxy_base_url });
      const key = await readKey(context);
      const { config, people } = context.gateway;
      const signIn = async (): Promise<SignedByKey> =>
        people.signIn(await identify(context, key), key, context.request);
      const { cookie, expires, person } = await signIn().catch((error: unknown) => {
        throw attempts.failed(address, error);
      });
      const { ui_session_duration: seconds } = config.general_settings;
      context.headers["set-cookie"] = sessionCookie(cookie, seconds, cookieOptions(context));
      return answerJson(context, { person, csrf_token: forgeryToken(cookie), expires });
    }),
  );
  app.post("/sso/logout", handle.open("/sso/logout", signOut));
  for (const path of ["/sso/login", "/sso/key/generate"])
    app.get(
      path,
      pageHeaders,
      handle.open(path, (context) => orExplain(context, () => beginSso(context, peerAddress))),
    );
  app.get(
    "/sso/callback",
    pageHeaders,
    handle.open("/sso/callback", (context) => orExplain(context, () => finishSso(context, peerAddress, attempts))),
  );
}

type SignedByKey = Awaited<ReturnType<People["signIn"]>>;

/** Sends the browser to the OpenID provider. LiteLLM's pages know the second path. */
async function beginSso(context: RequestContext, peerAddress: PeerAddress): Promise<Response> {
  addressOf(context, peerAddress);
  const asked = new URL(context.request.url).searchParams;
  const { location, pending } = await ssoOf(context).begin(asked.get("return_to"));
  return redirect(context, location, pendingCookie(pending, cookieOptions(context)));
}

/** The provider sent the browser back. Whoever comes with an answer that is no answer counts as having failed. */
async function finishSso(context: RequestContext, peerAddress: PeerAddress, attempts: Attempts): Promise<Response> {
  const address = addressOf(context, peerAddress);
  const { gateway, request } = context;
  const options = cookieOptions(context);
  try {
    const finished = await ssoOf(context).finish(new URL(request.url), readPending(request.headers, options));
    const { cookie } = await gateway.people.signInBySso(finished, request);
    const { ui_session_duration: seconds } = gateway.config.general_settings;
    return redirect(context, finished.location, sessionCookie(cookie, seconds, options), noPendingCookie(options));
  } catch (error) {
    throw attempts.failed(address, error);
  }
}

function ssoOf({ gateway }: RequestContext): Sso {
  if (gateway.people.sso) return gateway.people.sso;
  throw new DheeraError(
    "invalid_request",
    "no OpenID provider is configured; sign in with a key, or ask the operator to set general_settings.sso, database_url and proxy_base_url",
  );
}

function redirect({ headers }: RequestContext, location: string, ...cookies: readonly string[]): Response {
  const answer = new Response(null, { status: 302, headers: { ...headers, location, "cache-control": "no-store" } });
  for (const cookie of cookies) answer.headers.append("set-cookie", cookie);
  return answer;
}

/** People are shown a page that says what to do; the log says the same. The address has a code, which nobody logs. */
async function orExplain(context: RequestContext, run: () => Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (!isDheeraError(error) || error.code === "internal") throw error;
    const { callId, gateway, headers } = context;
    gateway.telemetry.log.warn("a sign-in failed", { call_id: callId, code: error.code, reason: error.message });
    const answer = explainFailure(error, callId);
    const pageOnly = { ...headers, "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
    return new Response(answer, { status: error.status, headers: pageOnly });
  }
}

/** @throws DheeraError `unauthenticated` for a wrong key; `invalid_request` where nobody needs one */
async function identify({ gateway: { access } }: RequestContext, key: string): Promise<KeyHolder> {
  if (!access.needsKeys)
    throw new DheeraError(
      "invalid_request",
      "this proxy has no keys, so nobody signs in; set general_settings.master_key",
    );
  const headers = { get: (name: string) => (name === "authorization" ? `Bearer ${key}` : null) };
  return access.identify(headers, () => undefined);
}

/** @returns the client's address. @throws DheeraError `forbidden` for one that may not connect */
function addressOf({ request, env, gateway }: RequestContext, peerAddress: PeerAddress): string | undefined {
  const peer = (): string | undefined => peerAddress(request, env);
  gateway.access.checkAddress(request.headers, peer);
  return clientAddress(request.headers, peer, gateway.config.general_settings.use_x_forwarded_for);
}

/** Who is signed in, and how one can be. It needs no key, because it is how a page finds out whether it needs one. */
async function showSession(context: RequestContext): Promise<Response> {
  const { people } = context.gateway;
  const found = await people.signedIn(context.request);
  context.headers["cache-control"] = "no-store";
  return answerJson(context, {
    person: found?.person ?? null,
    csrf_token: found?.forgeryToken ?? null,
    expires: found?.session.expires ?? null,
    sign_in: { key: people.sessions !== undefined, sso: people.sso !== undefined },
  });
}

async function signOut(context: RequestContext): Promise<Response> {
  const { gateway, request, headers } = context;
  const found = await gateway.people.signedIn(request);
  if (found) {
    checkForgery(request, found.cookie, { baseUrl: gateway.config.general_settings.proxy_base_url });
    await gateway.people.sessions?.end(found.cookie);
  }
  headers["set-cookie"] = noSessionCookie(cookieOptions(context));
  return answerJson(context, { signed_out: true, redirect_to: found ? await signOutAddress(context, found) : null });
}

/** Where the browser ends its session at the provider too; null where it has none. Nobody stays signed in because it is away. */
async function signOutAddress({ gateway, callId }: RequestContext, { session }: SignedIn): Promise<string | null> {
  if (session.userId === undefined) return null;
  try {
    return (await gateway.people.sso?.signOutAddress(session.idToken)) ?? null;
  } catch (error) {
    gateway.telemetry.log.warn("the OpenID provider cannot be told of a sign-out", { call_id: callId, error });
    return null;
  }
}

function cookieOptions({ request, gateway }: RequestContext): { readonly isSecure: boolean } {
  return { isSecure: isSecure(request, { baseUrl: gateway.config.general_settings.proxy_base_url }) };
}

async function readKey({ request, env, gateway }: RequestContext): Promise<string> {
  const room = gateway.bodies.room(
    { id: "sign-in", name: "sign-in", isMaster: false, owners: [] },
    () => request.signal,
  );
  try {
    const body = await readJsonBody(request, env, { mostBytes: 16_000, mostValues: 100 }, room);
    const { success, output } = v.safeParse(keyBody, body);
    const key = success ? (output.key ?? output.password) : undefined;
    if (key === undefined)
      throw new DheeraError("invalid_request", "key: must be a key of this proxy", { param: "key" });
    return key;
  } finally {
    room.leave();
  }
}

const keyText = (description: string): v.GenericSchema<string | undefined> =>
  v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1_000), v.description(description)));

/** LiteLLM's page sends the master key as the password of a user. */
export const keyBody: v.GenericSchema<{ readonly key?: string | undefined; readonly password?: string | undefined }> =
  v.object({
    key: keyText("The master key, or a key that the proxy made."),
    password: keyText("The same, as LiteLLM's page calls it."),
  });
