import type { ImportedTable } from "./exported.ts";

const models = "models have one budget together here: set max_budget";
const groups =
  "there are no access groups here; their names are kept among the models, where they allow nothing: set models";
const routes = "a key may call every rerank route, or none";
const policies = "there are no guardrails and policies here";
const objects = "what it allows (MCP servers, agents, vector stores) is not here";
const router = "routing is set for all callers, in router_settings";

/** Columns that mean something in LiteLLM and have no place here, with what to do. What LiteLLM keeps for itself is not among them. */
export const columnsWithoutPlace: Readonly<Partial<Record<ImportedTable, Readonly<Record<string, string>>>>> = {
  LiteLLM_BudgetTable: { model_max_budget: models },
  LiteLLM_OrganizationTable: { object_permission_id: objects },
  LiteLLM_UserTable: {
    sso_user_id: "people are known by issuer and subject here, from their first sign-in on",
    password: "people sign in with a key or over OpenID Connect",
    organization_id: "add members of organizations with /organization/member_add",
    model_max_budget: models,
    policies,
    allowed_cache_controls: "every caller may say cache controls",
    object_permission_id: objects,
  },
  LiteLLM_TeamTable: {
    model_max_budget: models,
    budget_limits: models,
    access_group_ids: groups,
    policies,
    router_settings: router,
    team_member_permissions: "admins of a team manage its keys; other members make none for it",
    model_id: "aliases of models are set for all callers: model_group_alias of router_settings",
    object_permission_id: objects,
  },
  LiteLLM_VerificationToken: {
    aliases: "aliases of models are set for all callers: model_group_alias of router_settings",
    model_max_budget: models,
    budget_limits: models,
    access_group_ids: groups,
    allowed_routes: routes,
    permissions: policies,
    policies,
    router_settings: router,
    allowed_cache_controls: "every caller may say cache controls",
    auto_rotate: "keys are rotated by whoever owns them: /key/{key}/regenerate",
    agent_id: "there are no agents here",
    project_id:
      "there are no projects here; a project's limits do not hold for its keys: set them for the key or its team",
    object_permission_id: objects,
  },
};

/** Tables whose rows people may miss. Others of LiteLLM say nothing of teams, keys and money. */
export const tablesWithoutPlace: Readonly<Record<string, string>> = {
  LiteLLM_SpendLogs:
    "the history of requests begins anew; what keys, users, teams and organizations have spent of their budgets is carried over",
  LiteLLM_DailyUserSpend: "reports begin anew",
  LiteLLM_DailyTeamSpend: "reports begin anew",
  LiteLLM_DailyTagSpend: "reports begin anew",
  LiteLLM_AuditLog: "the audit log begins with this import",
  LiteLLM_ProxyModelTable:
    "deployments with their secrets are encrypted under LiteLLM's salt key: add them over /model/new, or in config.yaml",
  LiteLLM_CredentialsTable: "credentials are encrypted under LiteLLM's salt key: name them in config.yaml",
  LiteLLM_Config: "settings are in config.yaml, which may be LiteLLM's own",
  LiteLLM_EndUserTable: "there are no end users with budgets here",
  LiteLLM_TagTable: "tags have no budgets here",
  LiteLLM_ProjectTable: "there are no projects here",
  LiteLLM_OrganizationMembership: "add members of organizations with /organization/member_add",
  LiteLLM_ModelTable: "aliases of models are set for all callers: model_group_alias of router_settings",
};
