import type { Hono } from "hono";

import type { Handle } from "../../http/handle.ts";
import type { Operation } from "../../management/call.ts";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** Loads what an address does. */
type Load = () => Promise<Operation>;

const keys = (): Promise<typeof import("./keys.ts")> => import("./keys.ts");
const teams = (): Promise<typeof import("./teams.ts")> => import("./teams.ts");
const members = (): Promise<typeof import("./members.ts")> => import("./members.ts");
const users = (): Promise<typeof import("./users.ts")> => import("./users.ts");
const organizations = (): Promise<typeof import("./organizations.ts")> => import("./organizations.ts");
const organizationMembers = (): Promise<typeof import("./organization-members.ts")> =>
  import("./organization-members.ts");
const budgets = (): Promise<typeof import("./budgets.ts")> => import("./budgets.ts");
const logs = (): Promise<typeof import("./spend-logs.ts")> => import("./spend-logs.ts");
const reports = (): Promise<typeof import("./spend-reports.ts")> => import("./spend-reports.ts");
const activity = (): Promise<typeof import("./activity.ts")> => import("./activity.ts");
const webhooks = (): Promise<typeof import("./webhooks.ts")> => import("./webhooks.ts");
const audit = (): Promise<typeof import("./audit.ts")> => import("./audit.ts");

/**
 * What is managed, under LiteLLM's addresses. Braces are parts of an address. Each file is loaded when it is first called, because
 * most proxies have no database.
 */
const routes: readonly (readonly [Method, path: string, Load])[] = [
  ["POST", "/key/generate", async () => (await keys()).generateKey],
  ["POST", "/key/service-account/generate", async () => (await keys()).generateServiceKey],
  ["POST", "/key/update", async () => (await keys()).updateKey],
  ["POST", "/key/delete", async () => (await keys()).deleteKeys],
  ["GET", "/key/info", async () => (await keys()).keyInfo],
  ["POST", "/v2/key/info", async () => (await keys()).keysInfo],
  ["GET", "/key/list", async () => (await keys()).listKeys],
  ["POST", "/key/block", async () => (await keys()).blockKey],
  ["POST", "/key/unblock", async () => (await keys()).unblockKey],
  ["POST", "/key/regenerate", async () => (await keys()).regenerateKey],
  ["POST", "/key/{key}/regenerate", async () => (await keys()).regenerateKey],
  ["POST", "/team/new", async () => (await teams()).newTeam],
  ["POST", "/team/update", async () => (await teams()).updateTeam],
  ["POST", "/team/delete", async () => (await teams()).deleteTeams],
  ["GET", "/team/info", async () => (await teams()).teamInfo],
  ["GET", "/team/list", async () => (await teams()).listTeams],
  ["GET", "/v2/team/list", async () => (await teams()).pageOfTeams],
  ["POST", "/team/block", async () => (await teams()).blockTeam],
  ["POST", "/team/unblock", async () => (await teams()).unblockTeam],
  ["POST", "/team/member_add", async () => (await members()).addTeamMembers],
  ["POST", "/team/member_update", async () => (await members()).updateTeamMember],
  ["POST", "/team/member_delete", async () => (await members()).removeTeamMember],
  ["POST", "/user/new", async () => (await users()).newUser],
  ["POST", "/user/update", async () => (await users()).updateUser],
  ["POST", "/user/delete", async () => (await users()).deleteUsers],
  ["GET", "/user/info", async () => (await users()).userInfo],
  ["GET", "/v2/user/info", async () => (await users()).userAlone],
  ["GET", "/user/list", async () => (await users()).listUsers],
  ["POST", "/organization/new", async () => (await organizations()).newOrganization],
  ["PATCH", "/organization/update", async () => (await organizations()).updateOrganization],
  ["DELETE", "/organization/delete", async () => (await organizations()).deleteOrganizations],
  ["GET", "/organization/info", async () => (await organizations()).organizationInfo],
  ["GET", "/organization/list", async () => (await organizations()).listOrganizations],
  ["POST", "/organization/member_add", async () => (await organizationMembers()).addOrganizationMembers],
  ["PATCH", "/organization/member_update", async () => (await organizationMembers()).updateOrganizationMember],
  ["DELETE", "/organization/member_delete", async () => (await organizationMembers()).removeOrganizationMember],
  ["POST", "/budget/new", async () => (await budgets()).newBudget],
  ["POST", "/budget/update", async () => (await budgets()).updateBudget],
  ["POST", "/budget/delete", async () => (await budgets()).deleteBudget],
  ["POST", "/budget/info", async () => (await budgets()).budgetInfo],
  ["GET", "/budget/list", async () => (await budgets()).listBudgets],
  ["GET", "/budget/settings", async () => (await budgets()).budgetSettings],
  ["GET", "/spend/logs", async () => (await logs()).spendLogs],
  ["GET", "/spend/logs/v2", async () => (await logs()).spendLogsByPage],
  ["POST", "/spend/logs/delete", async () => (await logs()).deleteSpendLogs],
  ["GET", "/global/spend", async () => (await reports()).globalSpend],
  ["GET", "/global/spend/report", async () => (await reports()).spendReport],
  ["GET", "/global/spend/logs", async () => (await reports()).spendOfDays],
  ["GET", "/global/spend/keys", async () => (await reports()).spendOfKeys],
  ["GET", "/spend/keys", async () => (await reports()).spendOfKeyRows],
  ["GET", "/spend/users", async () => (await reports()).spendOfUsers],
  ["GET", "/spend/tags", async () => (await reports()).spendOfTags],
  ["GET", "/global/spend/tags", async () => (await reports()).globalSpendOfTags],
  ["GET", "/global/spend/teams", async () => (await reports()).spendOfTeams],
  ["GET", "/global/spend/models", async () => (await reports()).spendOfModels],
  ["GET", "/global/spend/provider", async () => (await reports()).spendOfProviders],
  ["GET", "/global/activity", async () => (await activity()).globalActivity],
  ["GET", "/user/daily/activity", async () => (await activity()).dailyActivity],
  ["GET", "/team/daily/activity", async () => (await activity()).dailyActivity],
  ["POST", "/webhook/new", async () => (await webhooks()).newWebhook],
  ["POST", "/webhook/update", async () => (await webhooks()).updateWebhook],
  ["POST", "/webhook/delete", async () => (await webhooks()).deleteWebhook],
  ["POST", "/webhook/test", async () => (await webhooks()).testWebhook],
  ["POST", "/webhook/{webhook_id}/regenerate", async () => (await webhooks()).regenerateWebhookSecret],
  ["GET", "/webhook/info", async () => (await webhooks()).webhookInfo],
  ["GET", "/webhook/list", async () => (await webhooks()).listWebhooks],
  ["GET", "/webhook/deliveries", async () => (await webhooks()).webhookDeliveries],
  ["GET", "/audit", async () => (await audit()).listAudit],
  ["GET", "/audit/{id}", async () => (await audit()).auditEntry],
];

export function managementRoutes(app: Hono, handle: Handle): void {
  for (const [method, path, load] of routes)
    app.on(
      method,
      path.replaceAll(/\{(\w+)\}/g, ":$1"),
      handle.managed(path, async (context, person) => {
        const [{ answerCall }, operation] = await Promise.all([import("../../management/call.ts"), load()]);
        return answerCall(context, person, operation);
      }),
    );
}
