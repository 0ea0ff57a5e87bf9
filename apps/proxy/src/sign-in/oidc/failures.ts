import { DheeraError } from "@dheera-ai/core";

/** An OpenID provider that does not answer, or not with what it should. */
export function awayFrom(issuer: string): DheeraError {
  return new DheeraError(
    "unavailable",
    `the OpenID provider ${new URL(issuer).host} does not answer as one now; try again in a minute, or ask the operator to look at general_settings.sso.issuer`,
  );
}

/** @param why a code of the library, or undefined */
export function notTrusted(issuer: string, why: string | undefined): DheeraError {
  return new DheeraError(
    "invalid_request",
    `the answer of the OpenID provider ${new URL(issuer).host} cannot be trusted (${wordOf(why ?? "it cannot be read")}); sign in again, or ask the operator to compare general_settings.sso with what the provider says`,
  );
}

/** Whoever makes a link to the proxy can put any text there, so only a word is repeated. */
export function wordOf(text: string): string {
  return /^[\w ]{1,60}$/.test(text) ? text : "something else";
}
