import type { BudgetRow, KeyRow, MemberRow, OrganizationRow, TeamRow, UserRow } from "../database/tables.ts";
import type { Nanodollars } from "../money.ts";
import type { Given } from "../objects/stores.ts";
import type { OwnerKind } from "../owners.ts";
import type { LeftOut } from "./left-out.ts";

/** The rows that an export becomes. */
export interface ImportPlan {
  readonly budgets: readonly Given<BudgetRow>[];
  readonly organizations: readonly Given<OrganizationRow>[];
  readonly users: readonly Given<UserRow>[];
  readonly teams: readonly Given<TeamRow>[];
  readonly members: readonly PlannedMember[];
  readonly keys: readonly PlannedKey[];
  readonly spent: readonly PlannedSpent[];
  readonly leftOut: readonly LeftOut[];
}

export interface PlannedMember extends Given<MemberRow> {
  readonly team_id: string;
  readonly user_id: string;
}

export interface PlannedKey extends Given<KeyRow> {
  readonly key_hash: string;
}

/** What an owner has spent in the time of its budget that runs. */
export interface PlannedSpent {
  readonly kind: OwnerKind;
  readonly id: string;
  readonly windowStart: number;
  readonly spent: Nanodollars;
}
