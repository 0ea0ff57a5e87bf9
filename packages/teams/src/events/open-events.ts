import { randomUUID } from "node:crypto";

import type { DeliveryRow } from "../database/tables.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Log, Teams } from "../teams.ts";
import { bodiesOf } from "./bodies.ts";
import { attempt, createDeliverer, type Send } from "./deliver.ts";
import { type DeploymentHealth, DeploymentsDown } from "./deployments-down.ts";
import type { NewEvent } from "./event.ts";
import { tellExpiring } from "./expiring-keys.ts";
import { openOutbox } from "./outbox.ts";
import { removeOldDeliveries } from "./remove-old.ts";
import { announceConfigured, type ConfiguredWebhook, readTargets, type Target } from "./targets.ts";

export interface EventsOptions {
  readonly teams: Pick<Teams, "database" | "watch">;
  readonly secrets: Secrets;
  readonly send: Send;
  readonly log: Log;
  /** Webhooks of the configuration. */
  readonly configured?: readonly ConfiguredWebhook[];
  /** Numbers of days before a key expires at which it is told. */
  readonly expiryDays?: readonly number[];
  /** Milliseconds for which deliveries are kept to look at, and tried at most. */
  readonly kept?: number;
  /** Milliseconds between two looks at what is due; 2,000 when absent. */
  readonly lookEvery?: number;
  /** Milliseconds after which another process takes what this one has not finished; 30,000 when absent. */
  readonly lease?: number;
}

/** Tells webhooks what happens, as one of several processes that share the work. */
export interface Events {
  /** From now on these deployments are looked at, in place of those before. */
  watchDeployments(read: () => readonly DeploymentHealth[]): void;
  /** Sends an event of its own at once. @returns its delivery; undefined where there is no such webhook, or it is switched off */
  test(webhookId: string): Promise<DeliveryRow | undefined>;
  /** What is being sent is sent to its end. */
  close(): Promise<void>;
}

const dayLength = 86_400_000;
/** Milliseconds between two looks for what a table alone says, and two signs that a webhook of the configuration is one still. */
const lookAtKeysEvery = 60_000;
const removeEvery = 600_000;

/** Where there are no webhooks, it asks the database once, and then only deletes what is old, until somebody adds one. */
export function openEvents(options: EventsOptions): Events {
  const { teams, secrets, send, log, configured = [], expiryDays = [7], kept = 7 * dayLength } = options;
  const { lookEvery = 2_000, lease = 30_000 } = options;
  const { database } = teams;
  const now = Date.now;
  let targets: ReadonlyMap<string, Target> = new Map();
  let isStale = true;
  let deployments: () => readonly DeploymentHealth[] = () => [];
  const down = new DeploymentsDown(database, { replicaId: randomUUID(), now });
  const outbox = openOutbox(database, now);
  const deliverer = createDeliverer({ outbox, send, targets: () => targets, lease, now, random: Math.random });
  const doneAt = { announce: Number.NEGATIVE_INFINITY, keys: Number.NEGATIVE_INFINITY, remove: performance.now() };

  /** Runs what is due once in a while; what failed is due again. */
  async function every(what: keyof typeof doneAt, milliseconds: number, work: () => Promise<void>): Promise<void> {
    if (performance.now() - doneAt[what] < milliseconds) return;
    await work();
    doneAt[what] = performance.now();
  }

  async function tick(): Promise<void> {
    if (configured.length > 0)
      await every("announce", lookAtKeysEvery, () => announceConfigured(database, configured, now));
    if (isStale) {
      isStale = false;
      try {
        targets = await readTargets(database, secrets, configured);
      } catch (error) {
        isStale = true;
        throw error;
      }
    }
    // Also without a webhook what was left over is deleted one day.
    await every("remove", removeEvery, () => removeOldDeliveries(database, kept, now));
    if (targets.size === 0) return;
    await down.look(deployments());
    await every("keys", lookAtKeysEvery, () => tellExpiring(database, expiryDays, now));
    await deliverer.round();
  }

  let ticking: Promise<void> | undefined;
  let failure: string | undefined;
  function tickUnlessBusy(): void {
    ticking ??= tick()
      .then(
        () => void (failure = undefined),
        (error: unknown) => {
          // That the database is away is told by whoever owns it.
          const reason = error instanceof Error ? error.message : String(error);
          if (database.trouble === undefined && reason !== failure)
            log.error("webhooks could not be looked after", { error });
          failure = reason;
        },
      )
      .finally(() => void (ticking = undefined));
  }

  const unwatch = teams.watch((kind) => void (isStale ||= kind === "webhook"));
  const timer = setInterval(tickUnlessBusy, lookEvery).unref();
  tickUnlessBusy();

  return {
    watchDeployments: (read) => void (deployments = read),
    async test(webhookId) {
      const target = (await readTargets(database, secrets, configured)).get(webhookId);
      if (target === undefined) return undefined;
      return testDelivery(webhookId, target);
    },
    async close() {
      clearInterval(timer);
      unwatch();
      await ticking;
      await deliverer.idle();
    },
  };

  /** One attempt, which is kept like any other. */
  async function testDelivery(webhookId: string, target: Target): Promise<DeliveryRow> {
    const { db } = database;
    const { format } = await db
      .selectFrom("dheera_webhooks")
      .select("format")
      .where("webhook_id", "=", webhookId)
      .executeTakeFirstOrThrow();
    const id = `evt_${randomUUID().replaceAll("-", "")}`;
    const at = now();
    const row: DeliveryRow = {
      delivery_id: `${id}/${webhookId}`,
      webhook_id: webhookId,
      event_id: id,
      event: testEvent.type,
      source: null,
      body: bodiesOf({ ...testEvent, at }, id)[format === "slack" ? "slack" : "json"],
      created_at: at,
      next_attempt_at: at + lease,
      attempts: 1,
      status: "pending",
      delivered_at: null,
      ended_at: null,
      last_error: null,
    };
    await db.insertInto("dheera_deliveries").values(row).execute();
    const outcome = await attempt(row, target, { send, now, random: Math.random });
    // Who tests wants to know now.
    await outbox.finish(row, outcome.status === "pending" ? { status: "failed", error: outcome.error } : outcome);
    return db
      .selectFrom("dheera_deliveries")
      .selectAll()
      .where("delivery_id", "=", row.delivery_id)
      .executeTakeFirstOrThrow();
  }
}

const testEvent: Omit<NewEvent, "at"> = {
  key: "",
  type: "webhook.test",
  message: "This is a test: Dheera AI tells this webhook what happens.",
  fields: { event: "webhook_test", event_group: "proxy" },
};
