import { createHash } from "node:crypto";

import { isDheeraError } from "@dheera-ai/core";
import {
  type ConfiguredWebhook,
  configuredPrefix,
  type EventType,
  eventTypes,
  isWebhookSecret,
} from "@dheera-ai/teams";

import type { GeneralSettings } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { checkAddress } from "../egress/check-address.ts";
import { operatorsRules } from "../egress/operators-rules.ts";

export interface ConfiguredWebhooks {
  readonly webhooks: readonly ConfiguredWebhook[];
  /** What is wrong, for the operator; nothing of an address is in it. */
  readonly warnings: readonly string[];
}

/**
 * Webhooks as LiteLLM has them: `alerting: ["slack"]` with `SLACK_WEBHOOK_URL` or an address for each kind of alert in
 * `alert_to_webhook_url`, and `alerting: ["webhook"]` with `WEBHOOK_URL`.
 */
export function configuredWebhooks(settings: GeneralSettings, environment: Environment): ConfiguredWebhooks {
  const warnings: string[] = [];
  const warn = (field: string, message: string): void => void warnings.push(`general_settings.${field}: ${message}`);
  const { alerting = [], alert_to_webhook_url: addresses = {}, alert_types: types } = settings;
  const wanted = types && eventsOf(types, "alert_types", warn);
  const found: Found[] = [];
  for (const kind of alerting)
    if (kind === "slack") found.push(...slackOf(addresses, wanted, environment, warn));
    else if (kind === "webhook") found.push(...jsonOf(wanted, environment, warn));
    else warn("alerting", `${kind.slice(0, 50)} has no effect: slack and webhook have one`);
  const webhooks = found.flatMap((one) => {
    const problem = problemOf(one.url);
    if (problem !== undefined) warn("alerting", `${one.from} ${problem}`);
    return problem === undefined ? [webhookOf(one)] : [];
  });
  return { webhooks, warnings };
}

type Warn = (field: string, message: string) => void;

/** An address that the configuration has, and where. */
interface Found {
  readonly from: string;
  readonly url: string;
  readonly format: "slack" | "json";
  readonly secret?: string;
  readonly events?: readonly EventType[];
}

function slackOf(
  addresses: NonNullable<GeneralSettings["alert_to_webhook_url"]>,
  wanted: readonly EventType[] | undefined,
  environment: Environment,
  warn: Warn,
): readonly Found[] {
  const found = new Map<string, Set<EventType>>();
  const taken = new Set<EventType>();
  for (const [type, urls] of Object.entries(addresses))
    for (const event of eventsOf([type], "alert_to_webhook_url", warn))
      for (const url of typeof urls === "string" ? [urls] : urls) {
        taken.add(event);
        if (wanted === undefined || wanted.includes(event)) found.set(url, (found.get(url) ?? new Set()).add(event));
      }
  const own = [...found].map(
    ([url, events]) => ({ from: "alert_to_webhook_url", url, format: "slack", events: [...events] }) as const,
  );
  const url = environment["SLACK_WEBHOOK_URL"];
  if (url === undefined || url === "") {
    if (own.length === 0) warn("alerting", "slack sends nothing: set SLACK_WEBHOOK_URL, or alert_to_webhook_url");
    return own;
  }
  const others = (wanted ?? eventTypes).filter((event) => !taken.has(event));
  return others.length === 0 ? own : [...own, { from: "SLACK_WEBHOOK_URL", url, format: "slack", events: others }];
}

function jsonOf(wanted: readonly EventType[] | undefined, environment: Environment, warn: Warn): readonly Found[] {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret } = environment;
  if (url === undefined || url === "") {
    warn("alerting", "webhook sends nothing: set WEBHOOK_URL");
    return [];
  }
  if (secret !== undefined && secret !== "" && !isWebhookSecret(secret)) {
    warn("alerting", "webhook sends nothing: WEBHOOK_SECRET must be whsec_ and 24 to 64 bytes in base64");
    return [];
  }
  return [
    {
      from: "WEBHOOK_URL",
      url,
      format: "json",
      ...(secret && { secret }),
      ...(wanted !== undefined && { events: wanted }),
    },
  ];
}

/** LiteLLM's kinds of alerts, and what is told here in their place. */
const eventsOfAlerts: Readonly<Record<string, readonly EventType[]>> = {
  budget_alerts: ["budget.nearly_spent", "budget.spent"],
  cooldown_deployment: ["deployment.down", "deployment.up"],
  outage_alerts: ["deployment.down", "deployment.up"],
};

function eventsOf(types: readonly string[], field: string, warn: Warn): readonly EventType[] {
  const events = types.flatMap((type) => {
    const own = eventTypes.find((event) => event === type);
    const told = own === undefined ? eventsOfAlerts[type] : [own];
    if (told === undefined) warn(field, `${type.slice(0, 50)} has no effect: there is no such alert here`);
    return told ?? [];
  });
  return [...new Set(events)];
}

function problemOf(url: string): string | undefined {
  try {
    checkAddress(url, operatorsRules, "sends nothing: it");
    return undefined;
  } catch (error) {
    return isDheeraError(error) ? error.message : "sends nothing: it is no address";
  }
}

function webhookOf({ url, format, secret, events }: Found): ConfiguredWebhook {
  // The address may be a secret, and names the webhook in the database: of its hash too little is shown to try others by.
  const name = createHash("sha256").update(`${format} ${url}`).digest("hex").slice(0, 8);
  return {
    id: `${configuredPrefix}${format}-${name}`,
    url,
    format,
    ...(secret !== undefined && { secret }),
    ...(events !== undefined && { events }),
  };
}
