import { DheeraError } from "@dheera-ai/core";
import type { Grant, Owner, Teams } from "@dheera-ai/teams";

import type { KeySettings } from "../config/config.ts";
import type { Share } from "../gateway/share-limits.ts";
import { type Caller, callerOfGrant, callerOfKey } from "./caller.ts";
import { digestKey } from "./hash-key.ts";

/** Callers as the database knows them. What is in memory is answered at once. */
export interface DatabaseKeys {
  /** Whether the key was found before, so that nobody needs to look elsewhere. */
  isKnown(given: string): boolean;
  /** The caller of a key of the database; undefined where it has none such. Rejects with a DheeraError, and throws nothing. */
  find(given: string): Caller | undefined | Promise<Caller | undefined>;
  /** The same by the id of the key: for what it has asked to be done later. Never of a text that a client sent. */
  findById(keyId: string): Caller | undefined | Promise<Caller | undefined>;
  /** A key of the configuration file, with the team and the user that it names. @throws DheeraError */
  complete(key: KeySettings): Caller | Promise<Caller>;
}

export function databaseKeys({ grants }: Pick<Teams, "grants">, share?: Share): DatabaseKeys {
  const known = new Map<string, KnownKey>();
  // Apart from the others, because an id is no key.
  const knownById = new Map<string, KnownKey>();
  const ofFile = new Map<string, CompletedKey>();

  const admit = (
    grant: Grant | undefined,
    into: Map<string, KnownKey>,
    name: string,
    hash: string,
  ): Caller | undefined => {
    if (!grant) {
      into.delete(name);
      return undefined;
    }
    const caller = callerOfGrant(grant, share);
    // Only keys that are right are kept, so that nobody can fill the map from outside.
    if (into.size >= mostKnown) into.clear();
    into.set(name, { hash, grant, caller });
    return letIn(grant, caller);
  };
  const findIn = (
    keys: Map<string, KnownKey>,
    name: string,
    hashOf: () => string,
    find: (hash: string) => ReturnType<Teams["grants"]["find"]> = (hash) => grants.find(hash),
  ): Caller | undefined | Promise<Caller | undefined> => {
    const before = keys.get(name);
    const hash = before?.hash ?? hashOf();
    try {
      const found = find(hash);
      // As long as nothing of it changed, it is the same object.
      if (before !== undefined && found === before.grant) return letIn(before.grant, before.caller);
      return found instanceof Promise
        ? found.then((grant) => admit(grant, keys, name, hash))
        : admit(found, keys, name, hash);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error("a key could not be found", { cause: error }));
    }
  };
  const completed = (key: KeySettings, owners: readonly Owner[]): Caller => {
    const blocked = owners.find(({ isBlocked }) => isBlocked);
    if (blocked) throw blockedError(`the ${blocked.kind} ${blocked.name}`);
    const before = ofFile.get(key.key);
    if (before?.owners === owners) return before.caller;
    const caller = callerOfKey(key, owners, share);
    ofFile.set(key.key, { caller, owners });
    return caller;
  };

  return {
    isKnown: (given) => known.has(given),
    find: (given) => findIn(known, given, () => digestKey(given).toString("hex")),
    findById: (keyId) =>
      findIn(
        knownById,
        keyId,
        () => keyId,
        (id) => grants.findById(id),
      ),
    complete(key) {
      const { team_id: teamId, user_id: userId } = key;
      const owners = grants.ownersOf({
        ...(teamId !== undefined && { teamId }),
        ...(userId !== undefined && { userId }),
      });
      return owners instanceof Promise ? owners.then((chain) => completed(key, chain)) : completed(key, owners);
    },
  };
}

/** Keys whose hash and caller are remembered; beyond that they are hashed anew. */
const mostKnown = 10_000;

/** A key of the database with the grant that its caller was made of. */
interface KnownKey {
  readonly hash: string;
  readonly grant: Grant;
  readonly caller: Caller;
}

/** @throws DheeraError `forbidden` for who is blocked */
function letIn({ blocked }: Grant, caller: Caller): Caller {
  if (blocked !== undefined) throw blockedError(blocked);
  return caller;
}

/** A key of the file with the owners that it was completed by: as long as these are the same, it is. */
interface CompletedKey {
  readonly caller: Caller;
  readonly owners: readonly Owner[];
}

function blockedError(who: string): DheeraError {
  return new DheeraError("forbidden", `${who} is blocked; ask the operator to unblock it`);
}
