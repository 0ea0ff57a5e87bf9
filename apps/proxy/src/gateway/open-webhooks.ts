import type { Dheera } from "@dheera-ai/core";
import type { Teams } from "@dheera-ai/teams";

import type { GeneralSettings } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import type { Webhooks } from "../webhooks/open-webhooks.ts";
import type { HealthChecks } from "./health/health-checks.ts";
import { type Shared, takeOver } from "./shared.ts";

interface OpenWebhooksOptions {
  readonly teams: Shared<Teams> | undefined;
  readonly settings: GeneralSettings;
  readonly environment: Environment;
  readonly previous: { readonly webhooks: Shared<Webhooks> | undefined; readonly teams: Teams | undefined } | undefined;
  readonly log: Logger;
  readonly dheera: Dheera;
  readonly health: HealthChecks;
}

/**
 * Opens webhooks, or takes over those of the gateway before, which look at the deployments of this one then; undefined without a
 * database, and then nothing of it is loaded.
 */
export async function openSharedWebhooks(options: OpenWebhooksOptions): Promise<Shared<Webhooks> | undefined> {
  const { teams, settings, environment, previous, log, dheera, health } = options;
  if (teams === undefined) return undefined;
  const { openWebhooks } = await import("../webhooks/open-webhooks.ts");
  const { deploymentHealth } = await import("../webhooks/deployment-health.ts");
  // Those before are of another database where that was opened anew.
  const before = previous?.teams === teams.value ? previous.webhooks : undefined;
  const shared = await takeOver(before, decisive(settings, environment), () =>
    openWebhooks(settings, { teams: teams.value, log, environment }),
  );
  shared.value.events.watchDeployments(() => deploymentHealth(dheera, health));
  return shared;
}

/** For the operator of a proxy without a database. */
export function whyNoneAreTold({ alerting = [] }: GeneralSettings): readonly string[] {
  if (alerting.length === 0) return [];
  return [
    "general_settings.alerting: has no effect without database_url: what is to be told is kept there until it was",
  ];
}

/** What decides how they are opened, of the environment too. */
function decisive(settings: GeneralSettings, environment: Environment): object {
  const { alerting, alert_to_webhook_url, alert_types, key_expiring_days } = settings;
  const { allowed_private_networks, maximum_webhook_logs_retention_period } = settings;
  const configured = { alerting, alert_to_webhook_url, alert_types, key_expiring_days };
  const variables = variableNames.map((name) => environment[name]);
  return { ...configured, allowed_private_networks, maximum_webhook_logs_retention_period, variables };
}

const variableNames = [
  "SLACK_WEBHOOK_URL",
  "WEBHOOK_URL",
  "WEBHOOK_SECRET",
  "DHEERA_AI_SALT_KEY",
  "LITELLM_SALT_KEY",
  "DHEERA_AI_PREVIOUS_SALT_KEYS",
];
