import { type DeliveryRow, configuredPrefix, type WebhookRow } from "@dheera-ai/teams";

import { instant, texts } from "./row-answers.ts";

/** A webhook as answers show it: without its secret, and without what of its address may be one. */
export function webhookAnswer(row: WebhookRow, url: string | undefined): object {
  return {
    webhook_id: row.webhook_id,
    url: url === undefined ? null : shownAddress(url),
    format: row.format,
    events: texts(row.events),
    disabled: row.disabled !== 0,
    from_configuration: row.webhook_id.startsWith(configuredPrefix),
    previous_secret_until: instant(row.previous_until),
    missed_events: row.missed,
    created_at: instant(row.created_at),
    created_by: row.created_by,
    updated_at: instant(row.updated_at ?? row.created_at),
    updated_by: row.updated_by ?? row.created_by,
  };
}

/** Any path may be what lets write to a place, and a query may hold a token: only where it leads is shown. */
function shownAddress(url: string): string {
  return `${new URL(url).origin}/…`;
}

/** A delivery: what was sent, how often, and what is next. */
export function deliveryAnswer(row: DeliveryRow): object {
  return {
    delivery_id: row.delivery_id,
    webhook_id: row.webhook_id,
    event_id: row.event_id,
    event: row.event,
    status: row.status,
    attempts: row.attempts,
    next_attempt_at: row.status === "pending" ? instant(row.next_attempt_at) : null,
    delivered_at: instant(row.delivered_at),
    ended_at: instant(row.ended_at),
    last_error: row.last_error,
    created_at: instant(row.created_at),
    body: json(row.body),
  };
}

function json(text: string): unknown {
  return JSON.parse(text);
}
