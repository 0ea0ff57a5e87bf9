import { DheeraError } from "@dheera-ai/core";
import { type FetchImplementation, type JWTVerifyGetKey, createRemoteJWKSet, customFetch, errors } from "jose";
import * as v from "valibot";

import type { JwtSettings } from "../../config/config.ts";
import { operatorsEgress } from "../operators-egress.ts";

/**
 * The issuer's public keys. They are fetched when they are first needed, when they are old, and when a token names one that is not
 * there: at most every thirty seconds, so that tokens with invented names ask the issuer no more often.
 */
export function createPublicKeys(settings: JwtSettings, now: () => number = () => performance.now()): JWTVerifyGetKey {
  const egress = operatorsEgress();
  let triesAgainAt = 0;
  const fetchOnce: FetchImplementation = async (url, { headers, signal }) => {
    if (now() < triesAgainAt) throw away(settings);
    try {
      const answer = await egress.fetch(url, { headers, signal });
      if (answer.status === 200) return answer;
    } catch {
      // The issuer's host is named in what is thrown below.
    }
    triesAgainAt = now() + pauseMs;
    throw away(settings);
  };
  let opening: Promise<JWTVerifyGetKey> | undefined;
  const open = async (): Promise<JWTVerifyGetKey> => {
    const url = settings.jwks_url ?? (await discover(settings, fetchOnce));
    return createRemoteJWKSet(new URL(url), {
      cooldownDuration: cooldownMs,
      cacheMaxAge: settings.public_key_ttl * 1_000,
      timeoutDuration: timeoutMs,
      [customFetch]: fetchOnce,
    });
  };
  return async (header, token) => {
    opening ??= open();
    const keys = await opening.catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    try {
      return await keys(header, token);
    } catch (error) {
      // An answer that is no set of keys, or that did not come in time.
      if (error instanceof errors.JWKSInvalid || error instanceof errors.JWKSTimeout) throw away(settings);
      throw error;
    }
  };
}

const cooldownMs = 30_000;
/** After a fetch that failed. */
const pauseMs = 5_000;
const timeoutMs = 5_000;

/** @throws DheeraError `unavailable` where the description cannot be had or is of another issuer */
async function discover(settings: JwtSettings, fetchOnce: FetchImplementation): Promise<string> {
  const url = `${settings.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await fetchOnce(url, { headers: new Headers(), method: "GET", redirect: "manual", signal });
  const { success, output } = v.safeParse(description, await answer.json().catch(() => undefined));
  if (!success || output.issuer !== settings.issuer) throw away(settings);
  return output.jwks_uri;
}

const description = v.object({ issuer: v.string(), jwks_uri: v.pipe(v.string(), v.url()) });

function away({ issuer }: JwtSettings): DheeraError {
  return new DheeraError(
    "unavailable",
    `the keys of the issuer ${URL.canParse(issuer) ? new URL(issuer).host : "of tokens"} cannot be had now; try again in a while, or ask the operator to look at general_settings.jwt_auth`,
    { retryAfter: 5 },
  );
}
