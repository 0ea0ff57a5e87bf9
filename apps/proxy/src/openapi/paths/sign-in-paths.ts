import { type SchemaName, reference } from "../component-schemas.ts";
import { openErrors } from "../error-responses.ts";
import type { Operation, Parameter, Paths, ResponseDescription } from "../open-api.ts";
import { callHeaders } from "../response-headers.ts";

export const signInTag = "Signing in";

/** Sessions of people. None of these needs a key as a header. */
export function describeSignInPaths(): Paths {
  return {
    "/sso/session": {
      get: {
        ...operation("session", "Who is signed in?", "It reads the cookie of the session, and says how one signs in."),
        responses: {
          "200": json("SessionReport", {
            person: { name: "master", role: "proxy_admin", teams: [] },
            csrf_token: exampleToken,
            expires: exampleExpires,
            sign_in: { key: true, sso: false },
          }),
          ...openErrors("unavailable", "internal"),
        },
      },
    },
    "/login": {
      post: {
        ...operation(
          "login",
          "Sign in with a key",
          "The cookie of the session is the answer's `set-cookie`. An address that fails ten times within a minute waits for its end. A page of another site is refused.",
        ),
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: reference("SignInRequest"),
              examples: { example: { value: { key: "sk-master-1234" } } },
            },
          },
        },
        responses: {
          "200": json("SignedIn", {
            person: { name: "master", role: "proxy_admin", teams: [] },
            csrf_token: exampleToken,
            expires: exampleExpires,
          }),
          ...openErrors(
            "invalid_request",
            "unauthenticated",
            "forbidden",
            "request_too_large",
            "rate_limited",
            "unavailable",
            "internal",
          ),
        },
      },
    },
    "/sso/logout": {
      post: {
        ...operation(
          "logout",
          "Sign out",
          "It needs the header `x-dheera-csrf` where somebody is signed in; the cookie is removed.",
        ),
        responses: {
          "200": json("SignedOut", { signed_out: true, redirect_to: null }),
          ...openErrors("forbidden", "unavailable", "internal"),
        },
      },
    },
    "/sso/login": { get: begin("beginSso", "Sign in at the OpenID provider") },
    "/sso/key/generate": { get: begin("beginSsoOfLitellm", "The same, under LiteLLM's path") },
    "/sso/callback": {
      get: {
        ...operation("finishSso", "Where the OpenID provider sends the browser back", "With a session in a cookie."),
        parameters: [text("code", "What the provider gave."), text("state", "What the sign-in began with.")],
        responses: { "302": toPage, ...explained },
      },
    },
  };
}

const exampleToken = "dGhlIHRva2VuIG9mIGEgc2Vzc2lvbg";
const exampleExpires = 1_795_795_200_000;

function begin(id: string, summary: string): Operation {
  return {
    ...operation(id, summary, "For browsers, by the authorization code flow with PKCE."),
    parameters: [text("return_to", "The page to open after it; an address of another site is not kept.")],
    responses: { "302": toPage, ...explained },
  };
}

function operation(operationId: string, summary: string, description: string): Omit<Operation, "responses"> {
  return { operationId, tags: [signInTag], summary, description, security: [{}] };
}

function text(name: string, description: string): Parameter {
  return { name, in: "query", description, schema: { type: "string" } };
}

function json(schema: SchemaName, value: unknown): ResponseDescription {
  return {
    description: "Done.",
    headers: callHeaders,
    content: { "application/json": { schema: reference(schema), examples: { example: { value } } } },
  };
}

const toPage: ResponseDescription = { description: "To the address in `location`.", headers: callHeaders };

/** People are shown a page that says what to do; a proxy that fails, and an address that may not connect, answer as elsewhere. */
const explained = Object.fromEntries(
  Object.entries(
    openErrors("invalid_request", "unauthenticated", "forbidden", "rate_limited", "unavailable", "internal"),
  ).map(([status, response]) => [
    status,
    { ...response, content: { ...response.content, "text/html": { schema: { type: "string" } } } } as const,
  ]),
);
