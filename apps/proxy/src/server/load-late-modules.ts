import { loadLateModules as loadLateModulesOfCore } from "@dheera-ai/core";

import type { Gateway } from "../gateway/gateway.ts";

/**
 * Loads in the background what routes load at their first request, some 2 MB: later a file may not be readable, because
 * clients hold every file descriptor, and some versions of Node.js never try a module again that failed to load once.
 */
export async function loadLateModules({
  teams,
  batches,
  config,
}: Pick<Gateway, "teams" | "batches" | "config">): Promise<void> {
  await loadLateModulesOfCore();
  if (batches)
    await Promise.all([
      import("../routes/batches/files.ts"),
      import("../routes/batches/file-links.ts"),
      import("../routes/batches/batches.ts"),
    ]);
  if (teams) await loadManagement(config);
  // In the workspace the pages are bundled when they are loaded, which takes a while.
  if (import.meta.url.endsWith(".ts")) return;
  await Promise.all([
    import("../pages/page-assets.ts"),
    import("../pages/docs/docs-page.ts"),
    import("../openapi/openapi-document.ts"),
  ]);
}

/** What is managed in a database, and how people and services sign in to it. */
async function loadManagement({ general_settings: settings }: Gateway["config"]): Promise<void> {
  await Promise.all([
    import("../management/call.ts"),
    import("../management/models/manage-models.ts"),
    import("../routes/management/activity.ts"),
    import("../routes/management/audit.ts"),
    import("../routes/management/budgets.ts"),
    import("../routes/management/keys.ts"),
    import("../routes/management/members.ts"),
    import("../routes/management/organization-members.ts"),
    import("../routes/management/organizations.ts"),
    import("../routes/management/spend-logs.ts"),
    import("../routes/management/spend-reports.ts"),
    import("../routes/management/teams.ts"),
    import("../routes/management/users.ts"),
    import("../routes/management/webhooks.ts"),
    settings.sso && import("../sign-in/oidc/provider.ts"),
    settings.enable_jwt_auth && import("../sign-in/tokens/verify-token.ts"),
  ]);
}
