import { DheeraError, isDheeraError } from "@dheera-ai/core";
import { rememberSuccess } from "@dheera-ai/core/provider-utils";
import type { Owner, Teams } from "@dheera-ai/teams";

import { type Caller, callerOfKey, masterCaller } from "../../access/caller.ts";
import type { DatabaseKeys } from "../../access/database-keys.ts";
import { digestKey } from "../../access/hash-key.ts";
import type { JwtSettings } from "../../config/config.ts";
import type { Share } from "../../gateway/share-limits.ts";
import type { Verified } from "./verify-token.ts";

/**
 * Takes tokens of services as keys, beside those of the database. A token is verified once; while it has not expired it is known by its
 * hash, and what its team and user may do is asked at each request, as for keys of the file.
 */
export function withTokens(
  keys: DatabaseKeys,
  { grants }: Pick<Teams, "grants">,
  settings: JwtSettings,
  { share, now = Date.now }: { readonly share?: Share | undefined; readonly now?: () => number } = {},
): DatabaseKeys {
  const known = new Map<string, Known>();
  const verifying = new Map<string, Promise<Caller>>();
  const openVerifier = rememberSuccess(async () =>
    (await import("./verify-token.ts")).createVerifyToken(settings, now),
  );

  const callerOf = (token: Known): Caller | Promise<Caller> => {
    const { isAdmin, teamId, userId } = token.verified;
    if (isAdmin) return { ...masterCaller, id: token.id, name: token.name };
    const owners = grants.ownersOf({
      ...(teamId !== undefined && { teamId }),
      ...(userId !== undefined && { userId }),
    });
    return owners instanceof Promise ? owners.then((found) => complete(token, found)) : complete(token, owners);
  };
  const complete = (token: Known, owners: readonly Owner[]): Caller => {
    const blocked = owners.find(({ isBlocked }) => isBlocked);
    if (blocked)
      throw new DheeraError(
        "forbidden",
        `the ${blocked.kind} ${blocked.name} is blocked; ask the operator to unblock it`,
      );
    if (token.caller && token.owners === owners) return token.caller;
    checkOwners(token.verified, owners);
    const key = { name: token.name, key: `sha256:${token.id}`, expires: token.verified.expires };
    token.owners = owners;
    return (token.caller = { ...callerOfKey(key, owners, share), id: token.id, isOfToken: true });
  };
  const verifyNew = async (given: string, digest: string): Promise<Caller> => {
    const verify = await openVerifier();
    const verified = await inItsTeam(await verify(given), grants, settings);
    const name = `jwt ${verified.teamId ?? verified.userId ?? "admin"}`;
    const token: Known = { verified, name, id: digestKey(`${settings.issuer}|${verified.subject}`).toString("hex") };
    const caller = await callerOf(token);
    // Only tokens that were right are kept, so that nobody can fill the map from outside.
    if (known.size >= mostTokens) forgetExpired(known, now());
    known.set(digest, token);
    return caller;
  };

  return {
    ...keys,
    find(given) {
      if (!isToken(given)) return keys.find(given);
      const digest = digestKey(given).toString("base64");
      const token = known.get(digest);
      if (token && token.verified.expires > now()) {
        try {
          return callerOf(token);
        } catch (error) {
          return Promise.reject(isDheeraError(error) ? error : new Error("a token has no owners", { cause: error }));
        }
      }
      known.delete(digest);
      // Requests that come at once with a new token wait for the same verification.
      let asked = verifying.get(digest);
      if (!asked) {
        asked = verifyNew(given, digest).finally(() => verifying.delete(digest));
        verifying.set(digest, asked);
      }
      return asked;
    },
  };
}

/** @throws DheeraError `forbidden` where a token lists teams of which none exists */
async function inItsTeam(
  verified: Verified,
  grants: Pick<Teams["grants"], "ownersOf">,
  { team_id_default: otherwise }: JwtSettings,
): Promise<Verified> {
  const { teamIds, isAdmin } = verified;
  if (isAdmin || teamIds.length === 0) return verified;
  for (const teamId of teamIds) {
    const owners = await grants.ownersOf({ teamId });
    if (owners.some(({ kind }) => kind === "team")) return { ...verified, teamId };
  }
  if (otherwise !== undefined) return { ...verified, teamId: otherwise };
  throw new DheeraError(
    "forbidden",
    "none of the teams exists here that the token lists; ask the operator to make one, or to look at general_settings.jwt_auth.team_ids_jwt_field",
  );
}

interface Known {
  readonly verified: Verified;
  /** What logs and metrics call its holder: there are no more such names than teams and users. */
  readonly name: string;
  /** Of who holds it, whatever token they come with: what they spend and have in flight is counted together. */
  readonly id: string;
  owners?: readonly Owner[];
  caller?: Caller;
}

/** Tokens that are known: about a kilobyte each. */
const mostTokens = 10_000;

function forgetExpired(known: Map<string, Known>, now: number): void {
  for (const [digest, { verified }] of known) if (verified.expires <= now) known.delete(digest);
  if (known.size >= mostTokens) known.clear();
}

/** Three parts in base64url, of which the first begins as a JSON object does. No key of ours looks so. */
function isToken(given: string): boolean {
  return given.startsWith("ey") && given.length <= mostCharacters && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(given);
}

const mostCharacters = 16_000;

/** A token whose team nobody knows would otherwise have no limits at all. */
function checkOwners({ teamId, userId }: Verified, owners: readonly Owner[]): void {
  for (const [kind, id] of [
    ["team", teamId],
    ["user", userId],
  ] as const)
    if (id !== undefined && !owners.some((owner) => owner.kind === kind && owner.id === id))
      throw new DheeraError(
        "forbidden",
        `the token names a ${kind} that does not exist here; ask the operator to make it, or to look at general_settings.jwt_auth.${kind}_id_jwt_field`,
      );
}
