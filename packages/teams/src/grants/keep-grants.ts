import { DheeraError } from "@dheera-ai/core";

import type { Database } from "../database/open-database.ts";
import type { Grants } from "../objects/stores.ts";
import type { Grant, Owner } from "../owners.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { type Loaded, askedById, loadGrants, loadOwners } from "./load-grants.ts";
import { LookUps } from "./look-ups.ts";
import { Memory } from "./memory.ts";

export interface GrantsOptions {
  /** Keys that are known go on while the database is away. */
  readonly goOn: boolean;
  /** Seconds for which they do. */
  readonly grace: number;
}

/** Keys that are kept: about a kilobyte each. */
const mostKept = 20_000;
/** Keys that are not there: whoever tries keys must not push those out that are known. */
const mostAbsent = 2_000;
/** Milliseconds for which a request with a known key waits for a database that has not answered for a while. */
const longestWait = 1_000;
/** Milliseconds for which it then waits for an answer about its key alone. */
const longestLookUp = 4_000;

type Owners = readonly Owner[];

/** What keys let their holders do, as the database said it last; changes that any replica made count here within two seconds. */
export function keepGrants(database: Database, feed: ChangeFeed, options: GrantsOptions): Grants {
  const grants = new Memory<Grant>(mostKept);
  const absent = new Memory<true>(mostAbsent);
  const owners = new Memory<Owners>(mostKept);
  /** Counts changes, so that what was read before one is not kept after it. */
  let epoch = 0;

  feed.subscribe((changes) => {
    epoch++;
    if (changes === undefined) {
      grants.clear();
      absent.clear();
      owners.clear();
      return;
    }
    for (const { kind, id } of changes) {
      grants.forget(`${kind}|${id}`);
      owners.forget(`${kind}|${id}`);
      // It may be one that was not there.
      if (kind === "key") absent.clear();
    }
  });

  const keyLookUps = new LookUps<Grant | undefined>(async (hashes) => {
    const begun = epoch;
    const found = await loadGrants(database, hashes, Date.now());
    if (epoch === begun) for (const hash of hashes) keep(hash, found.get(hash));
    return (hash) => found.get(hash)?.value;
  });

  function keep(hash: string, loaded: Loaded<Grant> | undefined): void {
    if (loaded) grants.set(hash, loaded);
    else absent.set(hash, { value: true, from: [] });
  }

  const ownerLookUps = new LookUps<Owners>(async (questions) => {
    const begun = epoch;
    const found = new Map<string, Loaded<Owners>>();
    for (const question of questions) found.set(question, await loadOwners(database, fromQuestion(question)));
    if (epoch === begun) for (const [question, loaded] of found) owners.set(question, loaded);
    return (question) => found.get(question)?.value ?? [];
  });

  /**
   * What is in memory counts as long as the changes are followed. Where they are not, they are caught up with first. Where that takes too
   * long, the database is asked itself, because one that is only slow neither keeps anybody out nor lets anybody past a block. Where it
   * says nothing either, it counts as away, and what is known counts for the time of grace if that is wanted.
   */
  async function afterCatchingUp<Value>(
    memory: Memory<Value>,
    asked: string,
    lookUp: () => Found<Value>,
  ): Promise<Value> {
    await inTime(feed.catchUp(), longestWait).catch(() => {});
    const known = memory.get(asked);
    if (feed.isFresh) return known ?? lookUp();
    if (database.trouble) return goOnWith(memory, asked);
    const found = inTime(Promise.resolve(lookUp()), longestLookUp);
    return known === undefined ? found : found.catch(() => goOnWith(memory, asked));
  }

  function goOnWith<Value>(memory: Memory<Value>, asked: string): Value {
    const known = memory.get(asked);
    if (known !== undefined && options.goOn && feed.staleFor < options.grace * 1000) return known;
    throw unavailable();
  }

  function find<Value>(memory: Memory<Value>, asked: string, lookUp: () => Found<Value>): Found<Value> {
    if (feed.isFresh) return memory.get(asked) ?? lookUp();
    if (database.trouble && options.goOn) return goOnWith(memory, asked);
    return afterCatchingUp(memory, asked, lookUp);
  }

  function findKey(asked: string): Found<Grant | undefined> {
    return find<Grant | undefined>(grants, asked, () =>
      feed.isFresh && absent.get(asked) ? undefined : keyLookUps.find(asked),
    );
  }

  return {
    find: (keyHash) => findKey(keyHash),
    findById: (keyId) => findKey(askedById(keyId)),
    ownersOf(key) {
      const question = toQuestion(key);
      return find(owners, question, () => ownerLookUps.find(question));
    },
  };
}

type Found<Value> = Value | Promise<Value>;

function toQuestion({ teamId, userId }: { readonly teamId?: string; readonly userId?: string }): string {
  return JSON.stringify([possible(teamId), possible(userId)]);
}

/** PostgreSQL refuses a statement with a zero byte, and no row has such an id. */
function possible(id: string | undefined): string | null {
  return id === undefined || id.includes("\0") ? null : id;
}

function fromQuestion(question: string): { teamId?: string; userId?: string } {
  const [teamId, userId]: unknown[] = JSON.parse(question);
  return { ...(typeof teamId === "string" && { teamId }), ...(typeof userId === "string" && { userId }) };
}

/** @throws DheeraError `unavailable` when it took too long */
async function inTime<Value>(done: Promise<Value>, milliseconds: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), milliseconds);
  });
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

function unavailable(): DheeraError {
  return new DheeraError("unavailable", "the database of keys cannot be asked now; try again in a while", {
    retryAfter: 1,
  });
}
