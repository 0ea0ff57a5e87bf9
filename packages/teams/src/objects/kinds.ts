import type {
  BudgetRow,
  LimitColumns,
  ModelRow,
  OrganizationRow,
  Tables,
  TeamRow,
  UserRow,
  WebhookRow,
} from "../database/tables.ts";
import type { ObjectKind } from "./stores.ts";

/** Rows that are found by one id. */
export interface Kind<Row> {
  readonly kind: ObjectKind;
  readonly table: keyof Tables;
  readonly id: keyof Row & string;
  /** Besides the id, what no two rows may have. */
  readonly unique: readonly (keyof Row & string)[];
  /** A row of which nothing is given but its id. */
  empty(id: string, by: string, now: number): Row;
}

/** Columns that name a row of another table. */
export const references = {
  organization_id: "dheera_organizations",
  team_id: "dheera_teams",
  user_id: "dheera_users",
  budget_id: "dheera_budgets",
} as const satisfies Record<string, keyof Tables>;

export const organizations: Kind<OrganizationRow> = {
  kind: "organization",
  table: "dheera_organizations",
  id: "organization_id",
  unique: [],
  empty: (organization_id, by, now) => ({
    organization_id,
    organization_alias: null,
    ...noLimits(now),
    ...described(by, now),
  }),
};

export const teams: Kind<TeamRow> = {
  kind: "team",
  table: "dheera_teams",
  id: "team_id",
  unique: [],
  empty: (team_id, by, now) => ({
    team_id,
    team_alias: null,
    organization_id: null,
    ...noLimits(now),
    ...described(by, now),
  }),
};

export const users: Kind<UserRow> = {
  kind: "user",
  table: "dheera_users",
  id: "user_id",
  unique: ["sso_user_id"],
  empty: (user_id, by, now) => ({
    user_id,
    user_alias: null,
    user_email: null,
    user_role: "internal_user",
    sso_user_id: null,
    ...noLimits(now),
    ...described(by, now),
  }),
};

export const budgets: Kind<BudgetRow> = {
  kind: "budget",
  table: "dheera_budgets",
  id: "budget_id",
  unique: [],
  empty: (budget_id, by, now) => ({
    budget_id,
    max_budget: null,
    soft_budget: null,
    budget_duration: null,
    budget_time_zone: null,
    max_parallel_requests: null,
    rpm_limit: null,
    tpm_limit: null,
    dpm_limit: null,
    ...written(by, now),
  }),
};

export const models: Kind<ModelRow> = {
  kind: "model",
  table: "dheera_models",
  id: "model_id",
  unique: [],
  empty: (model_id, by, now) => ({
    model_id,
    model_name: model_id,
    params: "{}",
    info: "{}",
    blocked: 0,
    ...written(by, now),
  }),
};

export const webhooks: Kind<WebhookRow> = {
  kind: "webhook",
  table: "dheera_webhooks",
  id: "webhook_id",
  unique: [],
  empty: (webhook_id, by, now) => ({
    webhook_id,
    url: "",
    secret: null,
    format: "json",
    events: null,
    team_id: null,
    previous_secret: null,
    previous_until: null,
    seen_at: null,
    disabled: 0,
    missed: 0,
    ...written(by, now),
  }),
};

export function noLimits(now: number): LimitColumns {
  return {
    models: null,
    rpm_limit: null,
    tpm_limit: null,
    dpm_limit: null,
    max_parallel_requests: null,
    max_documents: null,
    max_budget: null,
    soft_budget: null,
    budget_duration: null,
    budget_time_zone: null,
    budget_since: now,
    budget_id: null,
  };
}

export function described(by: string, now: number) {
  return { metadata: "{}", tags: "[]", blocked: 0, ...written(by, now) };
}

function written(by: string, now: number) {
  return { created_at: now, created_by: by, updated_at: now, updated_by: by };
}
