import { sql } from "kysely";

import type { Database } from "../database/open-database.ts";
import { runIn } from "../spending/lane.ts";
import { clockOf } from "../spending/sql.ts";
import type { NewEvent } from "./event.ts";
import { recordEvent } from "./record-event.ts";

/** A deployment as one process finds it. */
export interface DeploymentHealth {
  readonly id: string;
  /** The name that callers use. */
  readonly modelName: string;
  readonly provider: string;
  /** `unknown`: nothing says that it is, or is not. */
  readonly state: "up" | "down" | "unknown";
  /** Code of its last failure. */
  readonly reason?: string | undefined;
}

/** Milliseconds for which a process has to find a deployment down before it says so: a single cooldown is no outage. */
const holdFor = 15_000;
/** Milliseconds after which a process says again what it finds, and looks at what others said. */
const sayEvery = 20_000;
/** Milliseconds after which a process that says nothing more does not count. */
export const silentAfter = 60_000;
/** Milliseconds from one time that a deployment is told to be down to the next: one that comes and goes is told this often. */
const quietFor = 300_000;

interface Options {
  readonly replicaId: string;
  readonly now: () => number;
}

/**
 * Makes one story of what processes find: a deployment is down when the first of them has found it down for a while, and up again when none
 * of them does and one has had an answer of it.
 */
export class DeploymentsDown {
  readonly #database: Database;
  readonly #options: Options;
  /** Since when each is down here; and those that this process has said so of. */
  readonly #since = new Map<string, number>();
  readonly #said = new Set<string>();
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database, options: Options) {
    this.#database = database;
    this.#options = options;
  }

  /** Looks at memory alone, as long as nothing changes and nothing is down. @throws where the database is away */
  async look(deployments: readonly DeploymentHealth[]): Promise<void> {
    const now = this.#options.now();
    const isRound = now - this.#saidAt >= sayEvery;
    const toldDown = isRound ? await this.#toldDown() : new Set<string>();
    for (const deployment of deployments) {
      const { id, state } = deployment;
      if (state === "down" && !this.#since.has(id)) this.#since.set(id, now);
      if (state === "up") this.#since.delete(id);
      const isDown = now - (this.#since.get(id) ?? now) >= holdFor;
      const isNew = isDown !== this.#said.has(id);
      if (!isNew && !(isRound && (isDown || (state === "up" && toldDown.has(id))))) continue;
      await this.#settle(deployment, isDown);
      if (isDown) this.#said.add(id);
      else this.#said.delete(id);
    }
    if (isRound) this.#saidAt = now;
    const known = new Set(deployments.map(({ id }) => id));
    for (const id of this.#since.keys()) if (!known.has(id)) this.#forget(id);
  }

  /** One that is no more is neither down nor up. */
  #forget(id: string): void {
    this.#since.delete(id);
    this.#said.delete(id);
  }

  async #toldDown(): Promise<ReadonlySet<string>> {
    const rows = await this.#database.db
      .selectFrom("dheera_deployment_states")
      .select("deployment_id")
      .where("is_down", "=", 1)
      .execute();
    return new Set(rows.map(({ deployment_id }) => deployment_id));
  }

  /** Writes what this process finds, and tells what follows from it, in one transaction that nobody else makes at the same time. */
  #settle(deployment: DeploymentHealth, isDown: boolean): Promise<void> {
    const { replicaId, now } = this.#options;
    const { kind } = this.#database;
    const { id } = deployment;
    const clock = clockOf(kind, now);
    return this.#database.transaction(async (transaction) => {
      const run = runIn(transaction);
      // Also the lock of what follows.
      const [told] = await run(sql<{ is_down: number; changed_at: number; told_down_at: number; at: number }>`
        insert into dheera_deployment_states (deployment_id, is_down, changed_at, told_down_at) values (${id}, 0, 0, 0)
        on conflict (deployment_id) do update set is_down = dheera_deployment_states.is_down
        returning is_down, changed_at, told_down_at, ${clock} as at`);
      if (told === undefined) return;
      if (isDown)
        await run(sql`insert into dheera_deployments_down (deployment_id, replica_id, seen_at)
          values (${id}, ${replicaId}, ${clock})
          on conflict (deployment_id, replica_id) do update set seen_at = excluded.seen_at`);
      else
        await run(sql`delete from dheera_deployments_down where deployment_id = ${id} and replica_id = ${replicaId}`);
      await run(sql`delete from dheera_deployments_down
        where deployment_id = ${id} and seen_at <= ${clock} - ${sql.lit(silentAfter)}`);
      const finding = await run(
        sql`select 1 as found from dheera_deployments_down where deployment_id = ${id} limit 1`,
      );
      const { at } = told;
      if (finding.length > 0 && told.is_down === 0 && at - told.told_down_at >= quietFor) {
        await run(sql`update dheera_deployment_states set is_down = 1, changed_at = ${at}, told_down_at = ${at}
          where deployment_id = ${id}`);
        await recordEvent(run, kind, downEvent(deployment, at), now);
      }
      if (finding.length === 0 && told.is_down === 1 && deployment.state === "up") {
        await run(sql`update dheera_deployment_states set is_down = 0, changed_at = ${at} where deployment_id = ${id}`);
        await recordEvent(run, kind, upEvent(deployment, at, at - told.changed_at), now);
      }
    });
  }
}

function downEvent(deployment: DeploymentHealth, at: number): NewEvent {
  const { id, modelName, provider, reason } = deployment;
  return {
    key: `deployment.down:${at}:${id}`,
    type: "deployment.down",
    at,
    message: `The deployment ${id} of ${modelName} (${provider}) is down${reason === undefined ? "" : `: ${reason}`}.`,
    fields: { event: "deployment_down", ...fieldsOf(deployment), ...(reason !== undefined && { reason }) },
  };
}

function upEvent(deployment: DeploymentHealth, at: number, downFor: number): NewEvent {
  const { id, modelName, provider } = deployment;
  return {
    key: `deployment.up:${at}:${id}`,
    type: "deployment.up",
    at,
    message: `The deployment ${id} of ${modelName} (${provider}) answers again, after ${Math.round(downFor / 1_000)} s.`,
    fields: { event: "deployment_up", ...fieldsOf(deployment) },
  };
}

function fieldsOf({ id, modelName, provider }: DeploymentHealth) {
  return { event_group: "proxy", model_id: id, model_group: modelName, custom_llm_provider: provider } as const;
}
