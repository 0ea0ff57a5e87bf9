import { isDheeraError } from "@dheera-ai/core";

import type { Database } from "../database/open-database.ts";
import { migrate } from "../migrations/migrate.ts";
import { withinTransaction } from "../objects/at-once.ts";
import { createStores } from "../objects/create-stores.ts";
import { memberId } from "../objects/member-id.ts";
import type { Stores } from "../objects/stores.ts";
import type { LitellmExport } from "./exported.ts";
import type { LeftOut } from "./left-out.ts";
import type { ImportPlan } from "./plan.ts";
import { planImport } from "./plan-import.ts";
import { carrySpent } from "./carry-spent.ts";

export interface ImportResult {
  /** By kind, in the order in which they are made. */
  readonly counts: Readonly<Record<ImportedKind, ImportCount>>;
  /** Rows that could not be made. */
  readonly refused: readonly Refused[];
  readonly leftOut: readonly LeftOut[];
}

export type ImportedKind = "budget" | "organization" | "user" | "team" | "member" | "key";

export interface ImportCount {
  readonly imported: number;
  /** Those that were there already, and stay as they are. */
  readonly kept: number;
}

export interface Refused {
  readonly kind: ImportedKind;
  /** What people call it. */
  readonly name: string;
  readonly reason: string;
}

/** As the audit log names who made the rows. */
const actor = { name: "import-litellm" };

/**
 * Makes what an export of LiteLLM's database holds, with what is spent of budgets, all or nothing. What is there under the same id stays as
 * it is, with what it has spent, so that it may be repeated, also after somebody changed something here. Proxies may run meanwhile; other
 * changes wait for its end.
 * @param isDry does the same and takes it back
 * @throws DheeraError `invalid_request` naming a table and column that cannot be read; `unavailable` where the database is away
 */
export async function importLitellm(
  database: Database,
  exported: LitellmExport,
  { isDry, now = Date.now() }: { readonly isDry: boolean; readonly now?: number },
): Promise<ImportResult> {
  const plan = planImport(exported, now);
  if (!isDry) await migrate(database);
  let result: ImportResult | undefined;
  try {
    await database.patiently(async (transaction) => {
      const within = withinTransaction(database, transaction);
      if (isDry) await migrate(within);
      const work = new Work();
      await makeRows(
        work,
        createStores(within, () => Promise.resolve()),
        plan,
      );
      await carrySpent(
        transaction,
        plan.spent.filter(({ kind, id }) => work.isMade(kind, id)),
      );
      result = { counts: work.counts(), refused: work.refused, leftOut: plan.leftOut };
      if (isDry) throw new TakeBack();
    });
  } catch (error) {
    if (!(error instanceof TakeBack)) throw error;
  }
  if (result === undefined) throw new Error("the import has no result");
  return result;
}

/** Ends a transaction without a trace. */
class TakeBack extends Error {}

async function makeRows(work: Work, stores: Stores, plan: ImportPlan): Promise<void> {
  for (const row of plan.budgets) {
    const id = row.budget_id ?? "";
    await work.make(
      "budget",
      id,
      id,
      () => stores.budgets.get(id),
      () => stores.budgets.create(actor, row),
    );
  }
  for (const row of plan.organizations) {
    const id = row.organization_id ?? "";
    const name = row.organization_alias ?? id;
    const make = () => stores.organizations.create(actor, row);
    await work.make("organization", id, name, () => stores.organizations.get(id), make);
  }
  for (const row of plan.users) {
    const id = row.user_id ?? "";
    await work.make(
      "user",
      id,
      id,
      () => stores.users.get(id),
      () => stores.users.create(actor, row),
    );
  }
  for (const row of plan.teams) {
    const id = row.team_id ?? "";
    const name = row.team_alias ?? id;
    await work.make(
      "team",
      id,
      name,
      () => stores.teams.get(id),
      () => stores.teams.create(actor, row),
    );
  }
  for (const row of plan.members) {
    const { team_id, user_id } = row;
    const find = async () => (await stores.members.ofTeam(team_id)).find((member) => member.user_id === user_id);
    const id = memberId(row);
    await work.make("member", id, id, find, () => stores.members.set(actor, team_id, user_id, row));
  }
  for (const row of plan.keys) {
    const { key_hash } = row;
    const alias = await freeAlias(stores, row.key_alias ?? null, key_hash);
    const values = { ...row, key_alias: alias };
    const make = () => stores.keys.adopt(actor, key_hash, values);
    await work.make("key", key_hash, row.key_alias ?? row.key_name ?? "", () => stores.keys.get(key_hash), make);
  }
}

/** Two keys cannot have one alias here; LiteLLM has let them. */
async function freeAlias(stores: Stores, alias: string | null, hash: string): Promise<string | null> {
  if (alias === null) return null;
  const [holder] = (await stores.keys.list({ key_alias: alias }, { page: 1, size: 1 })).rows;
  return holder === undefined || holder.key_hash === hash ? alias : `${alias} (${hash.slice(0, 8)})`;
}

/** Makes rows one by one, so that what is refused leaves the others alone. */
class Work {
  readonly refused: Refused[] = [];
  readonly #made = new Set<string>();
  readonly #kept = new Map<ImportedKind, number>();
  readonly #imported = new Map<ImportedKind, number>();

  async make(
    kind: ImportedKind,
    id: string,
    name: string,
    find: () => Promise<object | undefined>,
    make: () => Promise<unknown>,
  ): Promise<void> {
    if ((await find()) !== undefined) {
      this.#kept.set(kind, (this.#kept.get(kind) ?? 0) + 1);
      return;
    }
    try {
      await make();
    } catch (error) {
      if (!isDheeraError(error) || error.code !== "invalid_request") throw error;
      this.refused.push({ kind, name, reason: error.message });
      return;
    }
    this.#made.add(`${kind} ${id}`);
    this.#imported.set(kind, (this.#imported.get(kind) ?? 0) + 1);
  }

  isMade(kind: string, id: string): boolean {
    return this.#made.has(`${kind} ${id}`);
  }

  counts(): ImportResult["counts"] {
    const of = (kind: ImportedKind): ImportCount => ({
      imported: this.#imported.get(kind) ?? 0,
      kept: this.#kept.get(kind) ?? 0,
    });
    return {
      budget: of("budget"),
      organization: of("organization"),
      user: of("user"),
      team: of("team"),
      member: of("member"),
      key: of("key"),
    };
  }
}
