import { type RawBuilder, sql } from "kysely";

import type { Database } from "../../database/open-database.ts";
import { prepare } from "../../database/prepare.ts";
import { skipLocked } from "../../objects/forget-audit.ts";
import type { Lane, Run } from "../lane.ts";
import { clock, clockOf } from "../sql.ts";

export interface Replica {
  readonly id: string;
  /** How many replicas were seen of late, this one included. */
  readonly alive: number;
  /** Whether those that were not seen of late are dead: not so where this one has not seen the database itself. */
  readonly mayJudge: boolean;
}

/** Milliseconds for which a replica may be silent. After them, what it holds of budgets is free for others. */
export const deadAfter = 15_000;
/** Milliseconds between two signs of life. */
export const beatEvery = 2_000;
/** Milliseconds after which the row of a dead replica is deleted. */
const forgottenAfter = 86_400_000;

/** This process among those that share the database. */
export interface Presence {
  readonly replica: Replica;
  /**
   * A sign of life, if one is due; frees what dead ones hold.
   * @returns whether others may have taken this one for dead since the last
   * @throws where the database is away
   */
  beat(): Promise<boolean>;
  leave(run: Run): Promise<void>;
}

export function joinReplicas(
  lane: Lane,
  kind: Database["kind"],
  id: string,
  version: string,
  now: () => number,
): Presence {
  const startedAt = now();
  let alive = 1;
  let beatenAt = Number.NEGATIVE_INFINITY;
  /** Since when signs of life have been given without a gap in which others could miss them. */
  let steadySince = Number.POSITIVE_INFINITY;

  return {
    get replica() {
      return { id, alive, mayJudge: now() - steadySince >= deadAfter };
    },
    async beat() {
      if (now() - beatenAt < beatEvery) return false;
      const sentAt = now();
      const mayJudge = sentAt - steadySince >= deadAfter;
      alive = await lane.transact(async (run) => {
        const values = { id, startedAt, version, now: Math.floor(now()) };
        await run(sign(kind, values));
        if (mayJudge) await bury(run, kind, values);
        const [count] = await run(countAlive(kind, values));
        return Math.max(1, count?.alive ?? 1);
      });
      const wasSilent = sentAt - beatenAt >= deadAfter;
      if (wasSilent) steadySince = sentAt;
      beatenAt = sentAt;
      return wasSilent;
    },
    async leave(run) {
      await run(sql`delete from dheera_allowances where replica_id = ${id}`);
      await run(sql`delete from dheera_replicas where replica_id = ${id}`);
    },
  };
}

/** Frees what dead replicas held, but for rows that somebody uses at this moment: another replica frees them, or the next sign of life does. */
async function bury(run: Run, kind: Database["kind"], values: SignValues): Promise<void> {
  await run(freeDead(kind, values));
  await run(forgetDead(kind, values));
}

interface SignValues {
  readonly id: string;
  readonly startedAt: number;
  readonly version: string;
  readonly now: number;
}

const sign = prepare<unknown, SignValues>(
  (kind, slot) => sql`insert into dheera_replicas (replica_id, started_at, seen_at, version)
    values (${slot("id")}, ${slot("startedAt")}, ${clock(kind, slot("now"))}, ${slot("version")})
    on conflict (replica_id) do update set seen_at = excluded.seen_at`,
);

const countAlive = prepare<{ readonly alive: number }, SignValues>(
  (kind, slot) => sql`
    select cast(count(*) as bigint) as alive from dheera_replicas p where ${seenSince(clock(kind, slot("now")))}`,
);

const freeDead = prepare<unknown, SignValues>(
  (kind, slot) => sql`delete from dheera_allowances where (owner_kind, owner_id, window_start, replica_id) in (
    select a.owner_kind, a.owner_id, a.window_start, a.replica_id from dheera_allowances a where not exists (
      select 1 from dheera_replicas p
      where p.replica_id = a.replica_id and ${seenSince(clock(kind, slot("now")))}) ${skipLocked(kind)})`,
);

const forgetDead = prepare<unknown, SignValues>(
  (kind, slot) => sql`delete from dheera_replicas where replica_id in (
    select replica_id from dheera_replicas
    where seen_at < ${clock(kind, slot("now"))} - ${sql.raw(String(forgottenAfter))} ${skipLocked(kind)})`,
);

/** SQL that is true of replicas that were seen of late; `p` is a row of `dheera_replicas`. */
export function isAlive(kind: Database["kind"], now: () => number): RawBuilder<boolean> {
  return seenSince(clockOf(kind, now));
}

function seenSince(at: RawBuilder<number>): RawBuilder<boolean> {
  return sql<boolean>`p.seen_at > ${at} - ${sql.raw(String(deadAfter))}`;
}

/** Owners of whose budgets another replica wants what this one does not use. */
export interface Want {
  readonly owner_kind: string;
  readonly owner_id: string;
  readonly window_start: number;
  readonly replica_id: string;
}

export function readWants(lane: Lane, kind: Database["kind"], id: string): Promise<readonly Want[]> {
  return lane.read(wantsOfOthers(kind, { id }));
}

const wantsOfOthers = prepare<Want, { readonly id: string }>(
  (_, slot) => sql`select owner_kind, owner_id, window_start, replica_id from dheera_allowances
    where wanted > 0 and replica_id <> ${slot("id")}`,
);
