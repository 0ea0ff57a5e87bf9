import type { Paths } from "../open-api.ts";
import { describeAuditPaths } from "./audit-paths.ts";
import { describeKeyPaths } from "./key-paths.ts";
import { describeModelPaths } from "./model-paths.ts";
import { describeOrganizationPaths } from "./organization-paths.ts";
import { describeSpendPaths } from "./spend-paths.ts";
import { describeTeamPaths } from "./team-paths.ts";
import { describeUserPaths } from "./user-paths.ts";
import { describeWebhookPaths } from "./webhook-paths.ts";

/** Every address of the management API. */
export function describeManagementPaths(): Paths {
  return {
    ...describeOrganizationPaths(),
    ...describeUserPaths(),
    ...describeTeamPaths(),
    ...describeKeyPaths(),
    ...describeSpendPaths(),
    ...describeModelPaths(),
    ...describeWebhookPaths(),
    ...describeAuditPaths(),
  };
}
