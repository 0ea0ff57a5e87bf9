import { timingSafeEqual } from "node:crypto";

import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { Owner, Teams } from "@dheera-ai/teams";

import type { Caller } from "../access/caller.ts";
import { digestKey } from "../access/hash-key.ts";
import type { GeneralSettings } from "../config/config.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import { callerOfSession } from "./caller-of-session.ts";
import { findPerson } from "./find-person.ts";
import { identityOf } from "./oidc/identity.ts";
import { type TeamKeeper, keepTeams } from "./oidc/keep-teams.ts";
import { type UserKeeper, keepUser } from "./oidc/keep-user.ts";
import { type Finished, type Sso, createSso } from "./oidc/sso.ts";
import { type Person, masterPerson } from "./person.ts";
import { type OwnAddress, isSecure } from "./own-address.ts";
import { checkForgery, forgeryToken } from "./sessions/check-forgery.ts";
import { type FoundSession, type Holder, type NewSession, type Sessions, createSessions } from "./sessions/sessions.ts";
import { readSessionCookie } from "./sessions/session-cookie.ts";

/** A caller as access identifies it. */
export interface KeyHolder {
  readonly name: string;
  readonly isMaster: boolean;
  /** The chain of the key. */
  readonly owners?: readonly Pick<Owner, "kind" | "id">[] | undefined;
  /** Whether the operator or an issuer says whose the key is. */
  readonly isVouchedFor?: true | undefined;
}

/** Somebody who is signed in. */
export interface SignedIn {
  readonly person: Person;
  readonly session: FoundSession;
  readonly cookie: string;
  /** As which they are shown what callers may use. */
  readonly caller: () => Promise<Caller>;
  /** What their pages send with every request that changes something. */
  readonly forgeryToken: string;
}

/** Who asks for management: by a key, or by the session of a page. */
export interface People {
  /** Sessions are kept in the database; absent without one. */
  readonly sessions: Sessions | undefined;
  /**
   * @param identifyKey identifies by the request's key
   * @throws DheeraError what `identifyKey` throws where there is no session either; `forbidden` for a forged request
   */
  identify(request: Request, identifyKey: () => KeyHolder | Promise<KeyHolder>): Promise<Person>;
  /** The person whose session the request's cookie is; undefined where nobody is signed in. */
  signedIn(request: Request): Promise<SignedIn | undefined>;
  /**
   * Opens a session for who holds a key; it ends with the key. The one that the request has is ended: a browser never keeps a
   * session that somebody else may have put there.
   * @throws DheeraError `forbidden` for a key that may not sign in; `invalid_request` without a database
   */
  signIn(holder: KeyHolder, key: string, request: Request): Promise<NewSession & { readonly person: Person }>;
  /** Opens a session for whom the provider vouches; the one that the request has is ended. @throws DheeraError as `keepUser` and `identityOf` */
  signInBySso(finished: Finished, request: Request): Promise<NewSession>;
  /** How people sign in at an OpenID provider; undefined where they do not. */
  readonly sso: Sso | undefined;
  close(): Promise<void>;
}

export interface PeopleOptions {
  readonly settings: Pick<GeneralSettings, "proxy_base_url" | "ui_session_duration" | "sso">;
  readonly teams?: (Pick<Teams, "database" | "grants" | "findSession"> & UserKeeper & TeamKeeper) | undefined;
  readonly masterKey: string | undefined;
  /** Hears of claims that cannot be read. */
  readonly log?: Pick<Logger, "warn"> | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export function createPeople({ settings, teams, masterKey, log, now = Date.now }: PeopleOptions): People {
  const sessions = teams && createSessions(teams, settings.ui_session_duration, now);
  const own: OwnAddress = { baseUrl: settings.proxy_base_url };
  const sso =
    settings.sso && settings.proxy_base_url !== undefined && teams
      ? createSso(settings.sso, settings.proxy_base_url)
      : undefined;

  /**
   * Undefined where the key's user is blocked or deleted. A key for a team was perhaps made by an admin of the team, so it never acts as
   * the user whom it names: otherwise such an admin could act as anybody.
   */
  const findByKey = async ({ name, isMaster, owners = [], isVouchedFor }: KeyHolder): Promise<Person | undefined> => {
    if (isMaster) return name === "local" ? masterPerson : { ...masterPerson, name };
    const idOf = (kind: Owner["kind"]): string | undefined => owners.find((owner) => owner.kind === kind)?.id;
    const [keyHash, userId, teamId] = [idOf("key"), idOf("user"), idOf("team")];
    const user = userId === undefined || !teams ? undefined : await findPerson(teams.database, userId);
    if (userId !== undefined && !user) return undefined;
    const service: Person = {
      name,
      role: "internal_user_viewer",
      teams: teamId === undefined ? [] : [{ teamId, role: "user" }],
    };
    const person = teamId === undefined || isVouchedFor ? (user ?? service) : service;
    return keyHash === undefined ? person : { ...person, keyHash };
  };

  const ofKey = async (holder: KeyHolder): Promise<Person> => {
    const person = await findByKey(holder);
    if (person) return person;
    throw new DheeraError(
      "forbidden",
      `the user of the key ${holder.name} is blocked or was deleted; ask an administrator`,
    );
  };

  const ofSession = async (session: FoundSession): Promise<Person | undefined> => {
    if (!teams) return undefined;
    if (session.userId !== undefined) return findPerson(teams.database, session.userId);
    if (session.keyHash !== undefined) {
      const grant = await teams.grants.find(session.keyHash);
      const isUsable = grant && grant.blocked === undefined && (grant.expires ?? Infinity) > now();
      return isUsable ? findByKey({ name: grant.name, isMaster: false, owners: grant.owners }) : undefined;
    }
    return masterKey !== undefined && session.wasOpenedBy(masterKey) ? masterPerson : undefined;
  };

  const signedIn = async (request: Request): Promise<SignedIn | undefined> => {
    const cookie = readSessionCookie(request.headers, { isSecure: isSecure(request, own) });
    const session = cookie === undefined ? undefined : await sessions?.find(cookie);
    const person = session && (await ofSession(session));
    if (cookie === undefined || !teams || !session || !person) return undefined;
    const caller = (): Promise<Caller> => callerOfSession(teams, person, session);
    return { cookie, session, person, caller, forgeryToken: forgeryToken(cookie) };
  };

  const holderOf = async ({ name }: KeyHolder, key: string): Promise<Holder> => {
    const digest = digestKey(key);
    // An issuer's token may do as much, but not for longer than the issuer said.
    if (masterKey !== undefined && timingSafeEqual(digest, digestKey(masterKey))) return { kind: "master", masterKey };
    const keyHash = digest.toString("hex");
    if (await teams?.grants.find(keyHash)) return { kind: "key", keyHash };
    throw new DheeraError(
      "forbidden",
      `the key ${name} is not one of the database and cannot sign in; use the master key or a key that the proxy made`,
    );
  };

  const endBefore = async (request: Request): Promise<void> => {
    const before = readSessionCookie(request.headers, { isSecure: isSecure(request, own) });
    if (before !== undefined) await sessions?.end(before);
  };

  return {
    sessions,
    signedIn,
    async signIn(holder, key, request) {
      if (!sessions)
        throw new DheeraError("invalid_request", "people sign in where general_settings.database_url is set; set it");
      const person = await ofKey(holder);
      const known = await holderOf(holder, key);
      await endBefore(request);
      return { ...(await sessions.create(known, person.name)), person };
    },
    sso,
    async signInBySso({ claims, idToken }, request) {
      if (!sessions || !teams || !sso) throw new TypeError("nobody signs in at a provider without one");
      const identity = identityOf(claims, sso.settings.issuer, sso.settings);
      const { default_role: role, sync_user_role_and_teams: leavesOthers, team_ids_jwt_field: claim } = sso.settings;
      const userId = await keepUser(teams, identity, role);
      await keepTeams(teams, userId, identity.teams, { leavesOthers });
      if (leavesOthers && identity.teams?.areAll === false)
        log?.warn(
          "a claim of teams was not read whole at a sign-in, so no membership ended: it must be a list of at most 200 ids (general_settings.sso.team_ids_jwt_field)",
          { claim, user_id: userId },
        );
      await endBefore(request);
      return sessions.create({ kind: "user", userId }, userId, { idToken });
    },
    close: async () => sso?.close(),
    async identify(request, identifyKey) {
      let holder: KeyHolder;
      try {
        holder = await identifyKey();
      } catch (error) {
        // Without a right key a cookie may tell; a key that was sent on purpose wins over a cookie that browsers send by themselves.
        if (!isDheeraError(error) || error.code !== "unauthenticated") throw error;
        const found = await signedIn(request);
        if (!found) throw error;
        checkForgery(request, found.cookie, own);
        return found.person;
      }
      return ofKey(holder);
    },
  };
}
