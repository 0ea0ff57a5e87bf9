import { DheeraError, isDheeraError } from "@dheera-ai/core";
import { type JWTPayload, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";

import type { JwtSettings } from "../../config/config.ts";
import { jwtAlgorithms } from "../../config/schema/sign-in/jwt-settings.ts";
import { claimAt, idsAt, isId } from "../oidc/identity.ts";
import { createPublicKeys } from "./public-keys.ts";

/** What a token says, once its signature and its times are checked. */
export interface Verified {
  readonly subject: string;
  readonly teamId: string | undefined;
  /** Where it names no single team: those of which the first that exists counts. */
  readonly teamIds: readonly string[];
  readonly userId: string | undefined;
  /** Has the scope that may do everything. */
  readonly isAdmin: boolean;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/**
 * @throws DheeraError `unauthenticated` for a token that is forged, expired or another's; `forbidden` for one without a scope or a team;
 * `unavailable` while the issuer's keys cannot be had
 */
export type VerifyToken = (token: string) => Promise<Verified>;

export function createVerifyToken(settings: JwtSettings, now: () => number): VerifyToken {
  const publicKeys = createPublicKeys(settings);
  const algorithms = [...(settings.algorithms ?? jwtAlgorithms)];
  return async (token) => {
    // What anybody can see is looked at first: nobody is asked for keys because of a token that is no use with any.
    checkOutside(token, settings, algorithms, now());
    try {
      const { payload } = await jwtVerify(token, publicKeys, {
        algorithms,
        issuer: settings.issuer,
        audience: [...settings.audience],
        requiredClaims: ["exp", "sub"],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now()),
      });
      return read(payload, settings);
    } catch (error) {
      throw asSaid(error);
    }
  };
}

/** Seconds by which the clocks of the issuer and of this machine may differ. */
const clockToleranceSeconds = 30;

function checkOutside(token: string, settings: JwtSettings, algorithms: readonly string[], now: number): void {
  let header: ReturnType<typeof decodeProtectedHeader>;
  let claims: JWTPayload;
  try {
    header = decodeProtectedHeader(token);
    claims = decodeJwt(token);
  } catch {
    throw refused("it is no JSON Web Token");
  }
  if (header.alg === undefined || !algorithms.includes(header.alg))
    throw refused("it is signed with an algorithm that does not count here (general_settings.jwt_auth.algorithms)");
  if (header.kid !== undefined && (typeof header.kid !== "string" || header.kid.length > 256))
    throw refused("its kid is no name of a key");
  if (claims.iss !== settings.issuer) throw refused("another issuer made it (general_settings.jwt_auth.issuer)");
  if (typeof claims.exp !== "number" || (claims.exp + clockToleranceSeconds) * 1_000 <= now)
    throw refused("it has expired; get a new one from the issuer");
}

function read(payload: JWTPayload, settings: JwtSettings): Verified {
  const scopes = scopesOf(payload);
  const missing = settings.required_scopes?.find((scope) => !scopes.has(scope));
  if (missing !== undefined)
    throw new DheeraError(
      "forbidden",
      `the token lacks the scope ${missing} (general_settings.jwt_auth.required_scopes)`,
    );
  const isAdmin = settings.admin_jwt_scope !== undefined && scopes.has(settings.admin_jwt_scope);
  const ofToken = idAt(payload, "team_id_jwt_field", settings);
  const field = settings.team_ids_jwt_field;
  const teamIds = ofToken === undefined && field !== undefined ? (idsAt(payload, field)?.ids ?? []) : [];
  const teamId = ofToken ?? (teamIds.length === 0 ? settings.team_id_default : undefined);
  const userId = idAt(payload, "user_id_jwt_field", settings);
  if (!isAdmin && teamId === undefined && teamIds.length === 0 && userId === undefined)
    throw new DheeraError(
      "forbidden",
      `the token names no team and no user; the issuer should put them in the claims of general_settings.jwt_auth (${[settings.team_id_jwt_field, field, settings.user_id_jwt_field].filter(Boolean).join(", ")})`,
    );
  const { sub: subject = "", exp = 0 } = payload;
  return { subject, teamId, teamIds, userId, isAdmin, expires: (exp + clockToleranceSeconds) * 1_000 };
}

/** `scope` is one text with spaces; `scp`, as some issuers call it, also a list. */
function scopesOf({ scope, scp }: JWTPayload): ReadonlySet<string> {
  const texts = [scope, scp].flat().filter((value) => typeof value === "string");
  return new Set(texts.flatMap((text) => text.split(" ")).filter((text) => text !== ""));
}

/** @throws DheeraError `unauthenticated` for a text that can be no id: without it the token would have the limits of nobody, or of another team */
function idAt(
  payload: JWTPayload,
  setting: "team_id_jwt_field" | "user_id_jwt_field",
  settings: JwtSettings,
): string | undefined {
  const field = settings[setting];
  const value = field === undefined ? undefined : claimAt(payload, field);
  if (typeof value !== "string" || value === "") return undefined;
  if (isId(value)) return value;
  throw refused(
    `the claim of general_settings.jwt_auth.${setting} is no id: it is longer than 256 characters, or has some that no id can have`,
  );
}

/** Why a token is refused, without what it holds. */
function asSaid(error: unknown): Error {
  if (isDheeraError(error)) return error;
  if (error instanceof errors.JWTExpired) return refused("it has expired; get a new one from the issuer");
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(
      `its claim ${/^\w{1,20}$/.test(error.claim) ? error.claim : ""} is not what general_settings.jwt_auth wants`,
    );
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return refused("no key of the issuer has its kid");
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused("its signature is wrong");
  return refused("it cannot be verified");
}

function refused(reason: string): DheeraError {
  return new DheeraError("unauthenticated", `the token is not accepted: ${reason}`);
}
