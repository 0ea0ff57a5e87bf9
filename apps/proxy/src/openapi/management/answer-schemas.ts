import * as v from "valibot";

import { formatNames } from "../../management/bodies/webhook-bodies.ts";
import { roles } from "../../sign-in/person.ts";

const text = v.nullable(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const limit = v.nullable(count);
const dollars = v.pipe(v.number(), v.minValue(0));
/** Of UTC, in ISO 8601; what it is the instant of, the tables in `fields` say. */
const instant = v.string();
const hash = v.pipe(
  v.string(),
  v.description("A key's SHA-256 in hexadecimal: what every address takes in place of the key."),
);
const warnings = v.optional(
  v.pipe(
    v.array(v.string()),
    v.description("Fields of the body and parameters of the address that have no effect here."),
  ),
);

const spend = v.pipe(
  v.number(),
  v.description("US dollars spent in the time of its budget that runs; without a duration, ever."),
);

const budgetLimits = {
  rpm_limit: limit,
  tpm_limit: limit,
  dpm_limit: limit,
  max_parallel_requests: limit,
  max_budget: v.nullable(dollars),
  soft_budget: v.nullable(dollars),
  budget_duration: text,
  budget_time_zone: text,
};
const limits = {
  models: v.pipe(v.array(v.string()), v.description("Empty: all.")),
  ...budgetLimits,
  max_documents: limit,
  budget_id: text,
  budget_reset_at: v.nullable(instant),
};
const budgetTable = v.object({ ...budgetLimits, budget_id: text, budget_reset_at: v.nullable(instant) });
const written = { created_at: instant, created_by: v.string(), updated_at: instant, updated_by: v.string() };
const described = {
  metadata: v.record(v.string(), v.unknown()),
  tags: v.array(v.string()),
  blocked: v.boolean(),
  ...written,
};

const keyEntries = {
  token: hash,
  token_id: hash,
  key_name: v.pipe(v.string(), v.description("Its beginning and end, for people.")),
  key_alias: text,
  team_id: text,
  user_id: text,
  organization_id: text,
  expires: v.nullable(instant),
  priority: v.nullable(v.union([v.number(), v.literal("background")])),
  read_metrics: v.boolean(),
  last_rotation_at: v.nullable(instant),
  ...limits,
  ...described,
};
const key = v.object({ ...keyEntries, spend, warnings });
const itself = v.pipe(v.string(), v.description("The key. No other answer shows it."));

const memberRole = v.picklist(["admin", "user"]);
const teamEntries = { team_id: v.string(), team_alias: text, organization_id: text, ...limits, ...described };
const roleEntries = { user_id: v.string(), role: memberRole };
const fullTeam = { ...teamEntries, members_with_roles: v.array(v.object(roleEntries)), spend, warnings };
const team = v.object(fullTeam);
const membership = v.object({
  team_id: v.string(),
  ...roleEntries,
  ...limits,
  max_budget_in_team: v.nullable(dollars),
  litellm_budget_table: budgetTable,
  spend,
  warnings,
});

const userFields = {
  user_id: v.string(),
  user_alias: text,
  user_email: text,
  user_role: v.picklist(roles),
  sso_user_id: text,
  teams: v.array(v.string()),
  ...limits,
  ...described,
};
const userEntries = { ...userFields, spend, warnings };
const user = v.object(userEntries);

const organizationEntries = {
  organization_id: v.string(),
  organization_alias: text,
  ...limits,
  ...described,
  litellm_budget_table: budgetTable,
  spend,
  warnings,
};
const organization = v.object(organizationEntries);

const organizationMember = v.object({
  organization_id: v.string(),
  user_id: v.string(),
  user_role: v.string(),
  user_email: text,
  created_at: v.nullable(instant),
  ...limits,
  litellm_budget_table: budgetTable,
  spend,
  warnings,
});

const budget = v.object({ budget_id: v.string(), ...budgetLimits, ...written, warnings });

/** Beside the rows of a page. */
const pages = { total: count, page: count, page_size: count, total_pages: count, warnings };

const figureEntries = {
  spend: dollars,
  saved_spend: v.pipe(dollars, v.description("US dollars that scores would have cost that were known.")),
  total_tokens: count,
  documents: count,
  cached_documents: count,
  api_requests: count,
  failed_requests: count,
  unknown_cost_requests: v.pipe(count, v.description("Answers whose cost is not known, and not in `spend`.")),
};
const metrics = v.object({ ...figureEntries, successful_requests: count });
const parts = v.record(
  v.string(),
  v.object({
    metrics,
    metadata: v.object({
      key_alias: v.optional(text),
      key_name: v.optional(v.string()),
      team_id: v.optional(text),
      team_alias: v.optional(text),
    }),
  }),
);
const log = v.object({
  request_id: v.string(),
  litellm_call_id: v.string(),
  call_type: v.literal("rerank"),
  api_key: hash,
  key_name: v.string(),
  team_id: text,
  user: text,
  organization_id: text,
  spend: v.pipe(v.nullable(dollars), v.description("US dollars; null where the cost is not known.")),
  saved_spend: v.nullable(dollars),
  total_tokens: count,
  documents: count,
  cached_documents: count,
  startTime: instant,
  endTime: instant,
  request_duration_ms: dollars,
  model: v.string(),
  model_group: v.string(),
  model_id: text,
  custom_llm_provider: text,
  request_tags: v.array(v.string()),
  status: v.picklist(["success", "failure"]),
  status_code: count,
});
const spendByName = v.record(v.string(), dollars);
const spendOfOne = {
  total_spend: dollars,
  metadata: v.array(v.object({ model: v.string(), api_key: v.string(), ...figureEntries })),
};

const auditEntry = v.object({
  id: v.string(),
  updated_at: instant,
  changed_by: v.string(),
  action: v.string(),
  table_name: v.string(),
  object_id: v.string(),
  before_value: v.nullable(v.record(v.string(), v.unknown())),
  updated_values: v.nullable(v.record(v.string(), v.unknown())),
  warnings,
});

const webhook = v.object({
  webhook_id: v.string(),
  url: v.pipe(
    text,
    v.description("Its scheme and host, because its path may be a secret; null where it is not known here."),
  ),
  format: v.picklist(formatNames),
  events: v.pipe(v.array(v.string()), v.description("Empty: everything.")),
  disabled: v.boolean(),
  from_configuration: v.boolean(),
  previous_secret_until: v.nullable(instant),
  missed_events: v.pipe(count, v.description("What it was not told of, because too many deliveries were waiting.")),
  ...written,
  secret: v.optional(v.pipe(v.string(), v.description("`whsec_…`. No other answer shows it."))),
  warnings,
});
const deliveryEntries = {
  delivery_id: v.string(),
  webhook_id: v.string(),
  event_id: v.pipe(text, v.description("The `webhook-id` that is sent, the same at each attempt.")),
  event: v.string(),
  status: v.picklist(["pending", "delivered", "failed"]),
  attempts: count,
  next_attempt_at: v.nullable(instant),
  delivered_at: v.nullable(instant),
  ended_at: v.nullable(instant),
  last_error: text,
  created_at: instant,
  body: v.pipe(v.record(v.string(), v.unknown()), v.description("What is sent.")),
};

/** The answers of the management API, by the names of their schemas. */
export const answerSchemas = {
  ManagedKey: key,
  NewKey: v.object({ key: itself, ...keyEntries, spend, warnings }),
  ChangedKey: v.object({ key: hash, ...keyEntries, spend, warnings }),
  KeyInfo: v.object({ key: hash, info: key, warnings }),
  KeysInfo: v.object({ key: v.array(hash), info: v.array(key), warnings }),
  KeyList: v.object({
    keys: v.pipe(v.array(v.union([hash, key])), v.description("Hashes; keys with `return_full_object=true`.")),
    total_count: count,
    current_page: count,
    total_pages: count,
    warnings,
  }),
  DeletedKeys: v.object({ deleted_keys: v.array(hash), warnings }),
  Team: team,
  ChangedTeam: v.object({ team_id: v.string(), data: team, warnings }),
  DeletedTeams: v.object({ deleted_teams: v.array(v.string()), warnings }),
  TeamInfo: v.object({
    team_id: v.string(),
    team_info: team,
    keys: v.array(key),
    team_memberships: v.array(membership),
    warnings,
  }),
  TeamList: v.union([v.array(team), v.object({ teams: v.array(team), ...pages })]),
  TeamPage: v.object({ teams: v.array(team), ...pages }),
  TeamWithMembers: v.object({ ...fullTeam, updated_team_memberships: v.array(membership) }),
  Membership: membership,
  ManagedUser: user,
  NewUser: v.object({
    ...userEntries,
    key: v.optional(itself),
    token: v.optional(hash),
    token_id: v.optional(hash),
    key_name: v.optional(v.string()),
    key_alias: v.optional(text),
    expires: v.optional(v.nullable(instant)),
  }),
  ChangedUser: v.object({ user_id: v.string(), data: user, warnings }),
  DeletedUsers: v.object({ deleted_users: v.array(v.string()), warnings }),
  UserInfo: v.object({
    user_id: v.string(),
    user_info: user,
    keys: v.array(key),
    teams: v.array(v.object(teamEntries)),
    warnings,
  }),
  UserList: v.object({ users: v.array(user), ...pages }),
  Organization: organization,
  OrganizationMember: organizationMember,
  OrganizationWithMembers: v.object({
    organization_id: v.string(),
    updated_users: v.pipe(
      v.array(v.union([v.object(userFields), v.object({ user_id: v.string(), user_email: v.null() })])),
      v.description("To those who may see users; to others their ids."),
    ),
    updated_organization_memberships: v.array(organizationMember),
    warnings,
  }),
  OrganizationInfo: v.object({
    ...organizationEntries,
    members: v.array(organizationMember),
    teams: v.array(v.object(teamEntries)),
  }),
  OrganizationList: v.array(organization),
  DeletedOrganizations: v.object({ deleted_organizations: v.array(v.string()), warnings }),
  Budget: budget,
  BudgetList: v.array(budget),
  Webhook: webhook,
  WebhookList: v.object({ webhooks: v.array(webhook), warnings }),
  WebhookTest: v.object({ ...deliveryEntries, warnings }),
  WebhookDeliveries: v.object({ deliveries: v.array(v.object(deliveryEntries)), ...pages }),
  BudgetSettings: v.array(
    v.object({
      field_name: v.string(),
      field_type: v.picklist(["Float", "Integer", "String"]),
      field_description: v.string(),
      field_value: v.nullable(v.union([v.number(), v.string()])),
      stored_in_db: v.literal(true),
      field_default_value: v.null(),
    }),
  ),
  SpendLogs: v.union([
    v.array(log),
    v.array(v.object({ startTime: v.string(), spend: dollars, users: spendByName, models: spendByName })),
  ]),
  SpendLogPage: v.object({ data: v.array(log), ...pages }),
  SpendDeletion: v.object({ api_key: text, team_id: text, before: v.nullable(instant), deleted_logs: count, warnings }),
  SpendReport: v.union([
    v.array(
      v.object({
        group_by_day: v.string(),
        teams: v.optional(v.array(v.object({ team_id: text, team_name: v.string(), ...spendOfOne }))),
        users: v.optional(v.array(v.object({ user: text, ...spendOfOne }))),
        models: v.optional(v.array(v.object({ model: text, ...spendOfOne }))),
        providers: v.optional(v.array(v.object({ provider: text, ...spendOfOne }))),
      }),
    ),
    v.array(
      v.object({
        api_key: hash,
        key_alias: text,
        total_cost: dollars,
        total_tokens: count,
        model_details: v.array(v.object({ model: v.string(), total_cost: dollars, total_tokens: count })),
      }),
    ),
  ]),
  SpendTotal: v.object({ ...figureEntries, max_budget: v.null(), warnings }),
  SpendOfDays: v.array(v.object({ date: v.string(), ...figureEntries })),
  SpendOfKeys: v.array(v.object({ api_key: v.string(), key_alias: text, key_name: text, total_spend: dollars })),
  SpendOfKeyRows: v.array(
    v.object({ token: v.string(), key_alias: text, key_name: text, team_id: text, spend: dollars }),
  ),
  SpendOfUsers: v.array(v.object({ user_id: v.string(), spend: dollars })),
  SpendOfTags: v.array(v.object({ individual_request_tag: v.string(), log_count: count, total_spend: dollars })),
  GlobalSpendOfTags: v.object({
    spend_per_tag: v.array(v.object({ name: v.string(), spend: dollars, log_count: count })),
    warnings,
  }),
  SpendOfTeams: v.object({
    daily_spend: v.pipe(
      v.array(v.record(v.string(), v.union([v.string(), v.number()]))),
      v.description(
        "`date`, and the spend of each team by its name, to which the id is added where another team of the report could be meant.",
      ),
    ),
    teams: v.array(v.string()),
    total_spend_per_team: v.array(v.object({ team_id: v.string(), total_spend: dollars })),
    warnings,
  }),
  SpendOfModels: v.array(v.object({ model: v.string(), total_spend: dollars })),
  SpendOfProviders: v.array(v.object({ provider: v.string(), spend: dollars })),
  GlobalActivity: v.object({
    daily_data: v.array(v.object({ date: v.string(), ...figureEntries })),
    sum_api_requests: count,
    sum_total_tokens: count,
    warnings,
  }),
  DailyActivity: v.object({
    results: v.array(
      v.object({
        date: v.string(),
        metrics,
        breakdown: v.object({ models: parts, providers: parts, api_keys: parts, teams: parts }),
      }),
    ),
    metadata: v.pipe(
      v.looseObject({ page: count, total_pages: count, has_more: v.boolean() }),
      v.description("Sums of all days as `total_spend`, `total_api_requests` and so on."),
    ),
    warnings,
  }),
  AddedModel: v.object({
    model_id: v.string(),
    model_name: v.string(),
    litellm_params: v.record(v.string(), v.unknown()),
    dheera_ai_params: v.pipe(v.record(v.string(), v.unknown()), v.description("The same; nothing secret is in it.")),
    model_info: v.pipe(
      v.looseObject({ id: v.string(), db_model: v.literal(true) }),
      v.description("What was given, with the id."),
    ),
    blocked: v.boolean(),
    ...written,
    warnings: v.pipe(v.array(v.string()), v.description("What a start with such a configuration file would say.")),
  }),
  DeletedModel: v.object({ message: v.string(), warnings }),
  AuditEntry: auditEntry,
  AuditLog: v.object({ audit_logs: v.array(auditEntry), ...pages }),
} as const satisfies Record<string, v.GenericSchema>;

export type AnswerName = keyof typeof answerSchemas;
