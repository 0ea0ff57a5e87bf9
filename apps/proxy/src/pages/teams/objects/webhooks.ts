import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";
import { sum, text, texts, truth } from "../calls/values.ts";
import type { ListQuery, Listed } from "./listed.ts";

/** What is told when a budget is spent, a key expires or a deployment is down. */
export interface Webhook {
  readonly id: string;
  /** Without what of it may be secret; absent where it cannot be read. */
  readonly url: string | undefined;
  /** `json` or `slack`. */
  readonly format: string;
  /** Everything when empty. */
  readonly events: readonly string[];
  readonly isDisabled: boolean;
  /** Those are changed in the configuration file. */
  readonly isOfConfiguration: boolean;
}

/** An event on its way to a webhook. */
export interface Delivery {
  readonly webhookId: string;
  readonly event: string;
  /** `pending`, `delivered` or `failed`. */
  readonly status: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | undefined;
  readonly createdAt: string | undefined;
  readonly lastError: string | undefined;
}

/** Its secret is shown once; of the format `slack` there is none. */
export interface NewWebhook {
  readonly id: string;
  readonly secret: string | undefined;
}

/** What there is to be told, with its words. */
export const events = {
  "budget.nearly_spent": "a budget is nearly spent",
  "budget.spent": "a budget is spent",
  "key.expiring": "a key expires soon",
  "deployment.down": "a deployment is down",
  "deployment.up": "it is up again",
} as const satisfies Record<string, string>;

const webhookObject = v.object({
  webhook_id: v.string(),
  url: text,
  format: v.string(),
  events: texts,
  disabled: truth,
  from_configuration: truth,
});
const newWebhook = v.object({ webhook_id: v.string(), secret: text });
const delivery = v.object({
  webhook_id: v.string(),
  event: v.string(),
  status: v.string(),
  attempts: sum,
  next_attempt_at: text,
  created_at: text,
  last_error: text,
});

export async function listWebhooks(client: ManagementClient): Promise<readonly Webhook[]> {
  return (await client.read("webhook/list", v.object({ webhooks: v.array(webhookObject) }))).webhooks.map(asWebhook);
}

/** @param values fields of `/webhook/new` */
export async function makeWebhook(client: ManagementClient, values: object): Promise<NewWebhook> {
  return asNew(await client.change("webhook/new", values, newWebhook));
}

export async function updateWebhook(client: ManagementClient, { id }: Webhook, values: object): Promise<void> {
  await client.change("webhook/update", { webhook_id: id, ...values }, v.unknown());
}

/** With what is on its way to it. */
export async function deleteWebhook(client: ManagementClient, { id }: Webhook): Promise<void> {
  await client.change("webhook/delete", { webhook_id: id }, v.unknown());
}

/** The secret before signs too for a day. */
export async function rotateSecret(client: ManagementClient, { id }: Webhook): Promise<NewWebhook> {
  return asNew(await client.change(`webhook/${encodeURIComponent(id)}/regenerate`, {}, newWebhook));
}

/** Sends an event now. @returns how that went */
export async function testWebhook(client: ManagementClient, { id }: Webhook): Promise<Delivery> {
  return asDelivery(await client.change("webhook/test", { webhook_id: id }, delivery));
}

export async function listDeliveries(client: ManagementClient, query: ListQuery): Promise<Listed<Delivery>> {
  const { page, size, filters } = query;
  const found = await client.read("webhook/deliveries", v.object({ deliveries: v.array(delivery), total: sum }), {
    ...filters,
    page,
    page_size: size,
  });
  return { rows: found.deliveries.map(asDelivery), total: found.total };
}

function asWebhook(given: v.InferOutput<typeof webhookObject>): Webhook {
  return {
    id: given.webhook_id,
    url: given.url,
    format: given.format,
    events: given.events,
    isDisabled: given.disabled,
    isOfConfiguration: given.from_configuration,
  };
}

function asNew({ webhook_id, secret }: v.InferOutput<typeof newWebhook>): NewWebhook {
  return { id: webhook_id, secret };
}

function asDelivery(given: v.InferOutput<typeof delivery>): Delivery {
  return {
    webhookId: given.webhook_id,
    event: given.event,
    status: given.status,
    attempts: given.attempts,
    nextAttemptAt: given.next_attempt_at,
    createdAt: given.created_at,
    lastError: given.last_error,
  };
}
