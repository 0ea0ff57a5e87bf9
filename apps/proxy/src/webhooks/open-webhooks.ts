import { type Events, openEvents, openSecrets, type Secrets, type Teams } from "@dheera-ai/teams";

import type { GeneralSettings } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { type EgressRules, egressRules } from "../egress/egress-rules.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import { configuredWebhooks } from "./configured-webhooks.ts";
import { openSender } from "./open-sender.ts";

/** Webhooks of one process: those that people added, and those of the configuration. */
export interface Webhooks {
  readonly events: Events;
  readonly secrets: Secrets;
  /** For addresses that people add. */
  readonly rules: EgressRules;
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

interface OpenWebhooksOptions {
  readonly teams: Teams;
  readonly log: Logger;
  readonly environment: Environment;
}

/** @throws DheeraError `invalid_request` for a key of secrets that is too short */
export async function openWebhooks(
  settings: GeneralSettings,
  { teams, log, environment }: OpenWebhooksOptions,
): Promise<Webhooks> {
  const secrets = await openSecrets(environment);
  const rules = egressRules(settings.allowed_private_networks);
  const sender = openSender(rules);
  const { webhooks: configured, warnings } = configuredWebhooks(settings, environment);
  const events = openEvents({
    teams,
    secrets,
    send: sender.send,
    log,
    configured,
    expiryDays: settings.key_expiring_days,
    kept: settings.maximum_webhook_logs_retention_period * 1_000,
  });
  return {
    events,
    secrets,
    rules,
    warnings,
    async close() {
      await events.close();
      await sender.close();
    },
  };
}
