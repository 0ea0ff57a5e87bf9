import type { Nanodollars } from "../money.ts";

/**
 * The tables, the same in PostgreSQL and SQLite. Times are milliseconds since the epoch, truths are 0 or 1, lists and objects are JSON
 * texts: each reads the same from both.
 */
export interface Tables {
  dheera_organizations: OrganizationRow;
  dheera_teams: TeamRow;
  dheera_users: UserRow;
  dheera_members: MemberRow;
  dheera_organization_members: OrganizationMemberRow;
  dheera_keys: KeyRow;
  dheera_blocked_hashes: BlockedHashRow;
  dheera_budgets: BudgetRow;
  dheera_models: ModelRow;
  dheera_changes: ChangeRow;
  dheera_change_counter: { id: 1; value: number };
  dheera_audit: AuditRow;
  /** Audit rows of the time before may be deleted. */
  dheera_retention: { id: 1; audit_before: number };
  dheera_sessions: SessionRow;
  dheera_spend_batches: SpendBatchRow;
  dheera_spend_logs: SpendLogRow;
  dheera_spend_days: SpendDayRow;
  dheera_spent: SpentRow;
  dheera_allowances: AllowanceRow;
  dheera_replicas: ReplicaRow;
  dheera_webhooks: WebhookRow;
  dheera_deliveries: DeliveryRow;
  dheera_events: EventRow;
  dheera_deployment_states: DeploymentStateRow;
  dheera_deployments_down: DeploymentDownRow;
}

/** What organizations, teams, users, members and keys have alike. */
export interface LimitColumns {
  /** JSON list of model names; null: all. */
  models: string | null;
  rpm_limit: number | null;
  tpm_limit: number | null;
  dpm_limit: number | null;
  max_parallel_requests: number | null;
  max_documents: number | null;
  /** US dollars. */
  max_budget: number | null;
  soft_budget: number | null;
  budget_duration: string | null;
  budget_time_zone: string | null;
  /** When the first time of the budget began. */
  budget_since: number;
  /** Where its budget's fields are absent, those of this row of `dheera_budgets` count. */
  budget_id: string | null;
}

interface Described {
  /** JSON object. */
  metadata: string;
  /** JSON list of texts. */
  tags: string;
  blocked: number;
  created_at: number;
  created_by: string;
  updated_at: number;
  updated_by: string;
}

export interface OrganizationRow extends LimitColumns, Described {
  organization_id: string;
  organization_alias: string | null;
}

export interface TeamRow extends LimitColumns, Described {
  team_id: string;
  team_alias: string | null;
  organization_id: string | null;
}

export interface UserRow extends LimitColumns, Described {
  user_id: string;
  user_alias: string | null;
  user_email: string | null;
  /** `proxy_admin`, `proxy_admin_viewer`, `internal_user`, `internal_user_viewer`: LiteLLM's names. */
  user_role: string;
  /** The subject of their sign-in, with its issuer: `<issuer>|<sub>`. */
  sso_user_id: string | null;
}

export interface MemberRow extends LimitColumns {
  team_id: string;
  user_id: string;
  /** `admin` or `user`. */
  role: string;
  created_at: number;
}

export interface OrganizationMemberRow extends LimitColumns {
  organization_id: string;
  user_id: string;
  /** `org_admin`, `internal_user` or `internal_user_viewer`. */
  role: string;
  created_at: number;
}

export interface KeyRow extends LimitColumns, Described {
  /** 64 hexadecimal digits: SHA-256 of the key, as LiteLLM's `token`. Rotation changes it. */
  key_hash: string;
  /** The hash of the first key, which rotation leaves: under it is booked, counted and audited. */
  key_id: string;
  /** Its beginning and end, for people: `sk-...3f9a`. */
  key_name: string;
  key_alias: string | null;
  team_id: string | null;
  user_id: string | null;
  organization_id: string | null;
  expires: number | null;
  priority: number | null;
  /** 1: it gets what no other key wants, whatever its priority. */
  background: number | null;
  read_metrics: number;
  /** Until then the key that this one replaced is let in too. */
  previous_hash: string | null;
  previous_until: number | null;
  rotated_at: number | null;
  /** Who changed last what it may spend and use, and whose it is; null: nobody since it was made. */
  limited_by: string | null;
}

/** A key that was blocked when it was deleted: making it again would let it in again. */
export interface BlockedHashRow {
  /** SHA-256 of the key. */
  key_hash: string;
  /** When it was deleted. */
  blocked_at: number;
}

export interface BudgetRow {
  budget_id: string;
  max_budget: number | null;
  soft_budget: number | null;
  budget_duration: string | null;
  budget_time_zone: string | null;
  max_parallel_requests: number | null;
  rpm_limit: number | null;
  tpm_limit: number | null;
  dpm_limit: number | null;
  created_at: number;
  created_by: string;
  updated_at: number;
  updated_by: string;
}

/** A deployment beside those of the configuration file. */
export interface ModelRow {
  model_id: string;
  model_name: string;
  /** `dheera_ai_params` as JSON; values that are secret are encrypted texts, `enc:v1:<key id>:…`. */
  params: string;
  /** `model_info` as JSON. */
  info: string;
  blocked: number;
  created_at: number;
  created_by: string;
  updated_at: number;
  updated_by: string;
}

/** What changed, for replicas that keep objects in memory. Sequences have no gaps and become visible in their order. */
export interface ChangeRow {
  sequence: number;
  at: number;
  /** `key`, `team`, `user`, `member`, `organization`, `budget`, `model`. */
  kind: string;
  id: string;
}

/** Who changed what. Rows are only added; retention alone removes old ones. */
export interface AuditRow {
  id: string;
  at: number;
  /** A key's name, a user's id, or `master`. */
  actor: string;
  /** `created`, `updated`, `deleted`, `blocked`, `unblocked`, `rotated`, `imported`, `signed_in`. */
  action: string;
  kind: string;
  object_id: string;
  /** JSON without secrets; null where there is none. */
  before: string | null;
  after: string | null;
}

/** Somebody who signed in to the pages: a user, the holder of a key that belongs to no user, or of the master key. */
export interface SessionRow {
  /** SHA-256 of the cookie. */
  session_hash: string;
  user_id: string | null;
  /** SHA-256 of the key of the database that was signed in with. */
  key_hash: string | null;
  /** HMAC-SHA256 of the master key that was signed in with, under the cookie: without it nothing can be tried. */
  master_proof: string | null;
  /** What the provider gets at sign-out, encrypted under the cookie. */
  id_token: string | null;
  created_at: number;
  expires: number;
}

/** A batch of answers that has been booked, so that booking it again changes nothing. */
export interface SpendBatchRow {
  batch_id: string;
  booked_at: number;
  answers: number;
}

/** One answer. */
export interface SpendLogRow {
  /** Ours, not the caller's. */
  request_id: string;
  /** The caller's own, or one that was made: `x-dheera-call-id`. */
  call_id: string;
  at: number;
  key_hash: string;
  key_name: string;
  team_id: string | null;
  user_id: string | null;
  organization_id: string | null;
  /** JSON list. */
  tags: string;
  model: string;
  deployment: string | null;
  provider: string | null;
  status: number;
  /** Null: not known. */
  cost: Nanodollars | null;
  saved_cost: Nanodollars | null;
  documents: number;
  tokens: number;
  cache_hits: number;
  milliseconds: number;
}

/** Sums of a day in UTC, `2026-11-27`. */
export interface SpendDayRow {
  day: string;
  key_hash: string;
  /** Empty where there is none: a part of the primary key cannot be null. */
  team_id: string;
  user_id: string;
  organization_id: string;
  model: string;
  provider: string;
  requests: number;
  errors: number;
  unknown_costs: number;
  cost: Nanodollars;
  saved_cost: Nanodollars;
  documents: number;
  tokens: number;
  cache_hits: number;
}

/** What an owner has spent in one time of its budget. */
export interface SpentRow {
  owner_kind: string;
  owner_id: string;
  /** 0 for budgets without a duration. */
  window_start: number;
  spent: Nanodollars;
  /** When people were told that its budget is nearly spent, and that it is. */
  warned_at: number | null;
  exhausted_at: number | null;
}

/** What a replica may spend of a budget without asking; at any time, spent and all allowances are within the budget. */
export interface AllowanceRow {
  owner_kind: string;
  owner_id: string;
  window_start: number;
  replica_id: string;
  amount: Nanodollars;
  /** What its requests that wait lack: a sign for other replicas to give back what they do not use. */
  wanted: Nanodollars;
  updated_at: number;
}

/** A running process. Allowances of one that has not been seen for long are free again. */
export interface ReplicaRow {
  replica_id: string;
  started_at: number;
  seen_at: number;
  version: string;
}

/** Who is told of events: an address that somebody added, or one of the configuration. */
export interface WebhookRow {
  webhook_id: string;
  /** Encrypted, `enc:v1:…`: the address of a channel is its secret. Empty for those of the configuration, which alone has it. */
  url: string;
  /** Encrypted; null where nothing is signed. */
  secret: string | null;
  /** `json` or `slack`. */
  format: string;
  /** JSON list; null: all. */
  events: string | null;
  /** Not used yet. */
  team_id: string | null;
  created_at: number;
  created_by: string;
  updated_at: number | null;
  updated_by: string | null;
  /** Until then bodies are signed with the secret that this one replaced, too. */
  previous_secret: string | null;
  previous_until: number | null;
  /** When a process last said that its configuration has it; null for those that were added. */
  seen_at: number | null;
  disabled: number;
  /** Events that it was not told of, because too many were waiting for it. */
  missed: number;
}

/** An event on its way to a webhook. */
export interface DeliveryRow {
  delivery_id: string;
  webhook_id: string;
  event_id: string | null;
  event: string;
  /** Whose doing it was: null where it was nobody's who is one of many. */
  source: string | null;
  body: string;
  created_at: number;
  /** While a process delivers it, when others may take it for dead. */
  next_attempt_at: number;
  /** Those that began. */
  attempts: number;
  /** `pending`, `delivered` or `failed`. */
  status: string;
  delivered_at: number | null;
  /** When it was delivered or given up. */
  ended_at: number | null;
  /** Without what the receiver said: it may be anything. */
  last_error: string | null;
}

/** What happened, so that it is told once however many processes see it. */
export interface EventRow {
  event_key: string;
  event_id: string;
  type: string;
  at: number;
  kept_until: number;
}

/** What was told last of a deployment. */
export interface DeploymentStateRow {
  deployment_id: string;
  is_down: number;
  changed_at: number;
  told_down_at: number;
}

/** A process that finds a deployment down. One that has not said so for long does not count. */
export interface DeploymentDownRow {
  deployment_id: string;
  replica_id: string;
  seen_at: number;
}
