import { isDheeraError } from "@dheera-ai/core";

import type { Database } from "../database/open-database.ts";
import type { WebhookRow } from "../database/tables.ts";
import { webhooks as kind } from "../objects/kinds.ts";
import { placeOfWebhook } from "../secrets/places.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { clockOf } from "../spending/sql.ts";
import type { Format } from "./bodies.ts";
import type { EventType } from "./event.ts";

/** A webhook of the configuration. Its address is in no table, because whoever reads the database shall not have it. */
export interface ConfiguredWebhook {
  /** The same in every process that has the same in its configuration. */
  readonly id: string;
  readonly url: string;
  readonly secret?: string;
  readonly format: Format;
  /** All when absent. */
  readonly events?: readonly EventType[];
}

export interface SigningSecret {
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly until?: number;
}

/** Where deliveries of a webhook go. */
export type Target =
  | {
      readonly url: string;
      /** That sign, each until its time is over. */
      readonly secrets: readonly SigningSecret[];
      /** The operator's own word, which may name private networks. */
      readonly isConfigured: boolean;
    }
  /** Why nothing can be sent. */
  | { readonly trouble: string };

/** How webhooks of the configuration begin their ids, which no other may. */
export const configuredPrefix = "configuration-";

/** Those that are sent to from here; those that are switched off are not among them. */
export async function readTargets(
  { db }: Pick<Database, "db">,
  secrets: Secrets,
  configured: readonly ConfiguredWebhook[],
): Promise<ReadonlyMap<string, Target>> {
  const rows = await db.selectFrom("dheera_webhooks").selectAll().where("disabled", "=", 0).execute();
  const added = rows.filter(({ seen_at }) => seen_at === null);
  const targets = new Map<string, Target>(added.map((row) => [row.webhook_id, targetOf(row, secrets)]));
  for (const { id, url, secret } of configured)
    targets.set(id, { url, secrets: secret === undefined ? [] : [{ secret }], isConfigured: true });
  return targets;
}

function targetOf(row: WebhookRow, secrets: Secrets): Target {
  const { webhook_id: id, secret, previous_secret: previous, previous_until: until } = row;
  const open = (text: string | null, end: number | null): readonly SigningSecret[] => {
    if (text === null) return [];
    return [{ secret: secrets.decrypt(text, placeOfWebhook(id)), ...(end !== null && { until: end }) }];
  };
  try {
    return {
      url: secrets.decrypt(row.url, placeOfWebhook(id, "url")),
      secrets: [...open(secret, null), ...(until === null ? [] : open(previous, until))],
      isConfigured: false,
    };
  } catch (error) {
    return { trouble: isDheeraError(error) ? error.message : "its address and secret cannot be read" };
  }
}

/** Says that this process's configuration has them, so that they are told what happens. */
export async function announceConfigured(
  { db, kind: of }: Pick<Database, "db" | "kind">,
  configured: readonly ConfiguredWebhook[],
  now: () => number,
): Promise<void> {
  for (const { id, format, events } of configured) {
    const row = kind.empty(id, "configuration", now());
    const said = { format, events: events === undefined ? null : JSON.stringify(events), seen_at: clockOf(of, now) };
    await db
      .insertInto("dheera_webhooks")
      .values({ ...row, ...said })
      .onConflict((conflict) => conflict.column("webhook_id").doUpdateSet(said))
      .execute();
  }
}
