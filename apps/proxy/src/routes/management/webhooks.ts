import { DheeraError } from "@dheera-ai/core";
import {
  configuredPrefix,
  type Given,
  listDeliveries,
  newWebhookSecret,
  placeOfWebhook,
  type WebhookRow,
} from "@dheera-ai/teams";

import { checkAddress, checkResolved } from "../../egress/check-address.ts";
import { deliveryAnswer, webhookAnswer } from "../../management/answers/webhook-answer.ts";
import {
  newWebhookBody,
  webhookBody,
  webhookChangeBody,
  webhookRotationBody,
} from "../../management/bodies/webhook-bodies.ts";
import type { Call } from "../../management/call.ts";
import { ifSome } from "../../management/if-some.ts";
import { NotFound } from "../../management/not-found.ts";
import { listedRows } from "../../management/rows/bounded-rows.ts";
import type { Webhooks } from "../../webhooks/open-webhooks.ts";

/** Webhooks of one database: each has its deliveries to be made, and is looked at by every process. */
const mostWebhooks = 100;

/** `POST /webhook/new`. The secret is in this answer and nowhere else; the same once more gives the same webhook without it. */
export async function newWebhook(call: Call): Promise<object> {
  const { webhook_id: given, url, format: of, events, disabled } = await call.body(newWebhookBody);
  call.authorize("create", { kind: "webhook" });
  const { secrets, rules } = webhooksOf(call);
  const { webhooks } = call.teams.stores;
  const address = checkAddress(url, rules, "url");
  await checkResolved(address, rules, "url");
  const id = given ?? crypto.randomUUID();
  if (id.startsWith(configuredPrefix))
    throw refused("webhook_id", `ids that begin with ${configuredPrefix} are those of the configuration: take another`);
  const format = of ?? "json";
  const known = given ? await webhooks.get(given) : undefined;
  if (known) {
    const isSame = urlOf(known, call) === url && known.format === format && known.events === listOf(events);
    if (!isSame || (known.disabled !== 0) !== (disabled ?? false))
      throw refused("webhook_id", `${id} is that of another webhook: change it by /webhook/update`);
    return webhookAnswer(known, url);
  }
  const { total } = await webhooks.list({}, { page: 1, size: 1 });
  if (total >= mostWebhooks)
    throw refused("url", `there are ${total} webhooks, and no more are kept: delete one first`);
  const secret = format === "json" ? newWebhookSecret() : undefined;
  const row = await webhooks.create(call.actor, {
    webhook_id: id,
    url: secrets.encrypt(url, placeOfWebhook(id, "url")),
    secret: secret === undefined ? null : secrets.encrypt(secret, placeOfWebhook(id)),
    format,
    events: listOf(events),
    disabled: Number(disabled ?? false),
  });
  return { ...webhookAnswer(row, url), ...ifSome("secret", secret) };
}

/** `POST /webhook/update`. */
export async function updateWebhook(call: Call): Promise<object> {
  const { webhook_id: id, url, events, disabled } = await call.body(webhookChangeBody);
  call.authorize("change", { kind: "webhook" });
  const { secrets, rules } = webhooksOf(call);
  const row = await findAdded(call, id);
  if (typeof url === "string") await checkResolved(checkAddress(url, rules, "url"), rules, "url");
  const isNewAddress = typeof url === "string" && url !== urlOf(row, call);
  const changes: Given<WebhookRow> = {
    ...(isNewAddress && { url: secrets.encrypt(url, placeOfWebhook(id, "url")) }),
    ...(events !== undefined && { events: listOf(events) }),
    ...(disabled !== undefined && { disabled: Number(disabled ?? false) }),
  };
  const changed = await call.teams.stores.webhooks.update(call.actor, id, changes);
  return webhookAnswer(changed, urlOf(changed, call));
}

/** `GET /webhook/list`: the latest thousand; with `page` or `page_size`, a page. */
export async function listWebhooks(call: Call): Promise<object> {
  call.authorize("read", { kind: "webhook" });
  const rows = await listedRows(call, "webhooks", call.teams.stores.webhooks, {});
  return { webhooks: rows.map((row) => webhookAnswer(row, urlOf(row, call))) };
}

/** `GET /webhook/info`. */
export async function webhookInfo(call: Call): Promise<object> {
  call.authorize("read", { kind: "webhook" });
  const row = await find(call, call.query.needed("webhook_id"));
  return webhookAnswer(row, urlOf(row, call));
}

/** `POST /webhook/delete`: with what is on its way to it. */
export async function deleteWebhook(call: Call): Promise<object> {
  const { webhook_id: id } = await call.body(webhookBody);
  call.authorize("delete", { kind: "webhook" });
  const row = await findAdded(call, id);
  const shown = webhookAnswer(row, urlOf(row, call));
  await call.teams.stores.webhooks.remove(call.actor, [id]);
  return shown;
}

/** `POST /webhook/{webhook_id}/regenerate`: a new secret in place of the one before, which signs too for a while. */
export async function regenerateWebhookSecret(call: Call): Promise<object> {
  const { grace_seconds: grace } = await call.body(webhookRotationBody);
  call.authorize("rotate", { kind: "webhook" });
  const { secrets } = webhooksOf(call);
  const seconds = grace ?? defaultGrace;
  if (seconds > mostGrace) throw refused("grace_seconds", `must be at most ${mostGrace}`);
  const row = await findAdded(call, call.part);
  if (row.secret === null) throw refused("webhook_id", "nothing is signed in the format slack: there is no secret");
  const id = row.webhook_id;
  const secret = newWebhookSecret();
  const changed = await call.teams.stores.webhooks.update(call.actor, id, {
    secret: secrets.encrypt(secret, placeOfWebhook(id)),
    previous_secret: row.secret,
    previous_until: Date.now() + seconds * 1_000,
  });
  return { ...webhookAnswer(changed, urlOf(changed, call)), secret };
}

const defaultGrace = 86_400;
const mostGrace = 30 * 86_400;

/** `POST /webhook/test`: sends an event at once, and says how it went. */
export async function testWebhook(call: Call): Promise<object> {
  const { webhook_id: id } = await call.body(webhookBody);
  call.authorize("change", { kind: "webhook" });
  const { events } = webhooksOf(call);
  const row = await find(call, id);
  const delivery = await events.test(row.webhook_id);
  if (!delivery)
    throw refused(
      "webhook_id",
      "nothing is sent to it from here: it is switched off, or another process's configuration has it",
    );
  return deliveryAnswer(delivery);
}

/** `GET /webhook/deliveries`: the last ones, whatever became of them. */
export async function webhookDeliveries(call: Call): Promise<object> {
  call.authorize("read", { kind: "webhook" });
  const { query, teams } = call;
  const { page, size } = query.page("page_size", 25);
  const filter = {
    ...ifSome("webhook_id", query.text("webhook_id")),
    ...ifSome("status", query.choice("status", ["pending", "delivered", "failed"])),
  };
  const { rows, total } = await listDeliveries(teams.database, filter, { page, size });
  return { deliveries: rows.map(deliveryAnswer), total, page, page_size: size, total_pages: Math.ceil(total / size) };
}

function webhooksOf({ webhooks }: Call): Webhooks {
  if (webhooks) return webhooks;
  throw new DheeraError("unavailable", "this process tells no webhooks; try again in a while");
}

/** @throws NotFound */
async function find({ teams }: Call, id: string): Promise<WebhookRow> {
  const row = await teams.stores.webhooks.get(id);
  if (!row) throw new NotFound("webhook_id", "this webhook");
  return row;
}

async function findAdded(call: Call, id: string): Promise<WebhookRow> {
  const row = await find(call, id);
  if (row.seen_at === null) return row;
  throw refused("webhook_id", `${id} is one of the configuration: change it there`);
}

/** Undefined where it cannot be read, or the configuration alone has it. */
function urlOf({ webhook_id: id, url }: WebhookRow, call: Call): string | undefined {
  try {
    return url === "" ? undefined : webhooksOf(call).secrets.decrypt(url, placeOfWebhook(id, "url"));
  } catch (error) {
    if (error instanceof DheeraError && error.code === "unavailable") return undefined;
    throw error;
  }
}

function listOf(events: readonly string[] | null | undefined): string | null {
  return events && events.length > 0 ? JSON.stringify(events.toSorted()) : null;
}

function refused(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}
