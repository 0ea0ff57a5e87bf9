/** What the examples of the management API are made of. */
const instant = "2026-11-27T09:00:00.000Z";
export const written = {
  created_at: instant,
  created_by: "master",
  updated_at: instant,
  updated_by: "master",
} as const;
const described = { metadata: {}, tags: [], blocked: false, ...written } as const;
const budgetLimits = {
  rpm_limit: null,
  tpm_limit: null,
  dpm_limit: null,
  max_parallel_requests: null,
  max_budget: null,
  soft_budget: null,
  budget_duration: null,
  budget_time_zone: null,
} as const;
const limits = { models: [], ...budgetLimits, max_documents: null, budget_id: null, budget_reset_at: null } as const;

export const exampleKey = "sk-example-of-a-key-1";
export const exampleHash = "5a105e8b9d40e1329780d62ea2265d8a3a3d7d9d9a5ad7e4f2a5f9a5a4a5b0c1";

export const key = {
  token: exampleHash,
  token_id: exampleHash,
  key_name: "sk-...ey-1",
  key_alias: "search-service",
  team_id: "research",
  user_id: null,
  organization_id: null,
  expires: null,
  priority: null,
  read_metrics: false,
  last_rotation_at: null,
  ...limits,
  max_budget: 10,
  budget_duration: "30d",
  budget_reset_at: "2026-12-27T00:00:00.000Z",
  ...described,
  spend: 0.42,
} as const;

export const membership = {
  team_id: "research",
  user_id: "ada",
  role: "admin",
  ...limits,
  max_budget: 5,
  max_budget_in_team: 5,
  litellm_budget_table: { ...budgetLimits, max_budget: 5, budget_id: null, budget_reset_at: null },
  spend: 0.42,
} as const;

const teamFields = {
  team_id: "research",
  team_alias: "Research",
  organization_id: null,
  ...limits,
  max_budget: 100,
  budget_duration: "1mo",
  budget_reset_at: "2026-12-01T00:00:00.000Z",
  ...described,
} as const;

export const teamOfList = teamFields;
export const team = { ...teamFields, members_with_roles: [{ user_id: "ada", role: "admin" }], spend: 3.5 } as const;

export const userOfList = {
  user_id: "ada",
  user_alias: "Ada",
  user_email: "ada@example.com",
  user_role: "internal_user",
  sso_user_id: null,
  teams: ["research"],
  ...limits,
  ...described,
} as const;

export const user = { ...userOfList, spend: 0.42 } as const;

export const organization = {
  organization_id: "acme",
  organization_alias: "Acme",
  ...limits,
  max_budget: 1_000,
  ...described,
  litellm_budget_table: { ...budgetLimits, max_budget: 1_000, budget_id: null, budget_reset_at: null },
  spend: 12.8,
} as const;

export const organizationMember = {
  organization_id: "acme",
  user_id: "grace",
  user_role: "org_admin",
  user_email: null,
  created_at: instant,
  ...limits,
  max_budget: 50,
  litellm_budget_table: { ...budgetLimits, max_budget: 50, budget_id: null, budget_reset_at: null },
  spend: 0.42,
} as const;

export const budget = {
  budget_id: "small",
  ...budgetLimits,
  max_budget: 5,
  budget_duration: "24h",
  ...written,
} as const;

export const change = {
  id: "0f4d1a6c-0c0e-4f57-8f0f-2c8b5e4f9a11",
  updated_at: instant,
  changed_by: "master",
  action: "updated",
  table_name: "team",
  object_id: "research",
  before_value: { max_budget: 50 },
  updated_values: { max_budget: 100 },
} as const;

export const webhook = {
  webhook_id: "pager",
  url: "https://hooks.example/…",
  format: "json",
  events: ["budget.spent", "deployment.down"],
  disabled: false,
  from_configuration: false,
  previous_secret_until: null,
  missed_events: 0,
  ...written,
} as const;

const webhookEvent = "evt_0f4d1a6c0c0e4f578f0f2c8b5e4f9a11";

export const delivery = {
  delivery_id: `${webhookEvent}/pager`,
  webhook_id: "pager",
  event_id: webhookEvent,
  event: "budget.spent",
  status: "delivered",
  attempts: 1,
  next_attempt_at: null,
  delivered_at: instant,
  ended_at: instant,
  last_error: null,
  created_at: instant,
  body: { id: webhookEvent, type: "budget.spent", timestamp: instant, event: "budget_crossed", event_group: "team" },
} as const;

export const onePage = { total: 1, page: 1, page_size: 10, total_pages: 1 } as const;
