import { DheeraError } from "@dheera-ai/core";
import type { Teams } from "@dheera-ai/teams";

import { type Caller, callerOfGrant, callerOfKey } from "../access/caller.ts";
import { unusableKeyHash } from "../access/hash-key.ts";
import { type Person, managesAll, seesAll } from "./person.ts";
import type { FoundSession } from "./sessions/sessions.ts";

/**
 * Somebody in a session as the caller that they would be by key, so that a page shows them the models that are theirs: of the key that
 * opened the session, or of the user.
 */
export async function callerOfSession(
  { grants }: Pick<Teams, "grants">,
  person: Person,
  { keyHash }: Pick<FoundSession, "keyHash">,
): Promise<Caller> {
  const { name, userId } = person;
  if (seesAll(person)) return { id: name, name, isMaster: managesAll(person), owners: [] };
  if (keyHash === undefined)
    return callerOfKey({ name, key: unusableKeyHash() }, await grants.ownersOf(userId === undefined ? {} : { userId }));
  const grant = await grants.find(keyHash);
  if (!grant) throw new DheeraError("unauthenticated", "the key of this session is not known any more; sign in again");
  return callerOfGrant(grant);
}
