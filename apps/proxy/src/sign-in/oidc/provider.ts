import { DheeraError, isDheeraError } from "@dheera-ai/core";
import * as client from "openid-client";

import type { SsoSettings } from "../../config/config.ts";
import type { Egress } from "../../egress/open-egress.ts";
import { operatorsEgress } from "../operators-egress.ts";
import { awayFrom, notTrusted, wordOf } from "./failures.ts";
import type { Claims } from "./identity.ts";
import { firstPage } from "./return-address.ts";

/** An OpenID provider whose description has been read. */
export interface Provider {
  begin(): Promise<{ readonly location: string } & Secrets>;
  finish(answer: URL, secrets: Secrets): Promise<{ readonly claims: Claims; readonly idToken: string | undefined }>;
  signOutAddress(idToken: string | undefined): string | undefined;
  close(): Promise<void>;
}

/** What ties the provider's answer to the question. */
interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** @throws DheeraError `unavailable` where the provider cannot be asked, or its description is of another issuer */
export async function openProvider(settings: SsoSettings, baseUrl: string): Promise<Provider> {
  const egress = operatorsEgress();
  const configuration = await discover(settings, egress).catch(async () => {
    await egress.close();
    throw awayFrom(settings.issuer);
  });
  return {
    async begin() {
      const verifier = client.randomPKCECodeVerifier();
      const state = client.randomState();
      const nonce = client.randomNonce();
      const location = client.buildAuthorizationUrl(configuration, {
        redirect_uri: new URL("/sso/callback", baseUrl).href,
        response_type: "code",
        scope: settings.scope,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      return { location: location.href, state, nonce, verifier };
    },
    async finish(answer, { state, nonce, verifier }) {
      // Where people reach the proxy, whatever name its server was asked by.
      const address = new URL(`/sso/callback${answer.search}`, baseUrl);
      try {
        const tokens = await client.authorizationCodeGrant(configuration, address, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims() ?? {};
        return { claims: await withUserInfo(configuration, tokens.access_token, claims), idToken: tokens.id_token };
      } catch (error) {
        throw asSaid(error, settings);
      }
    },
    signOutAddress(idToken) {
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return client.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: new URL(firstPage, baseUrl).href,
        ...(idToken !== undefined && { id_token_hint: idToken }),
      }).href;
    },
    close: () => egress.close(),
  };
}

/** Seconds by which the clocks of the provider and of this machine may differ. */
const clockToleranceSeconds = 30;

function discover({ issuer, client_id, client_secret }: SsoSettings, egress: Egress): Promise<client.Configuration> {
  return client.discovery(
    new URL(issuer),
    client_id,
    { [client.clockTolerance]: clockToleranceSeconds, ...(client_secret !== undefined && { client_secret }) },
    client_secret === undefined ? client.None() : undefined,
    {
      [client.customFetch]: (url, { body, headers, method, signal }) =>
        egress.fetch(url, {
          headers,
          method,
          ...(body instanceof URLSearchParams && { body }),
          ...(signal && { signal }),
        }),
      execute: [
        // The signature counts, whoever sits between the provider and this machine.
        client.enableNonRepudiationChecks,
        ...(issuer.startsWith("http:") ? [client.allowInsecureRequests] : []),
      ],
    },
  );
}

/** Many providers say name, email and groups only when they are asked; what the signed token says counts before it. */
async function withUserInfo(configuration: client.Configuration, accessToken: string, claims: Claims): Promise<Claims> {
  const { sub } = claims;
  if (configuration.serverMetadata().userinfo_endpoint === undefined || typeof sub !== "string") return claims;
  return { ...(await client.fetchUserInfo(configuration, accessToken, sub)), ...claims };
}

const awayCodes: ReadonlySet<string> = new Set(["provider_unreachable", "timeout", "provider_bad_response"]);

/** What went wrong, for the person and the log, without what was sent and answered: that holds codes and tokens. */
function asSaid(error: unknown, { issuer }: SsoSettings): DheeraError {
  // The library wraps what `fetch` throws.
  const ofEgress = [error, error instanceof Error ? error.cause : undefined].find(isDheeraError);
  if (ofEgress) return awayCodes.has(ofEgress.code) ? awayFrom(issuer) : ofEgress;
  if (error instanceof client.AuthorizationResponseError)
    return new DheeraError(
      error.error === "access_denied" ? "forbidden" : "invalid_request",
      `the OpenID provider let nobody in: it said ${wordOf(error.error)}; sign in again, or ask the operator`,
    );
  if (error instanceof client.ResponseBodyError)
    return new DheeraError(
      "invalid_request",
      error.error === "invalid_grant"
        ? "the OpenID provider does not accept this answer of its own (invalid_grant): it is used up or too old; sign in again"
        : `the OpenID provider refused the proxy: it said ${wordOf(error.error)}; the operator should look at general_settings.sso (client_id, client_secret and the redirect address <proxy_base_url>/sso/callback)`,
    );
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "OAUTH_RESPONSE_IS_NOT_CONFORM") return awayFrom(issuer);
  return notTrusted(issuer, typeof code === "string" ? code : undefined);
}
