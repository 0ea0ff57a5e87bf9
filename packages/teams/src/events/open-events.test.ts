import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { Webhook } from "standardwebhooks";
import { beforeAll, expect, it, vi } from "vitest";

import type { Database } from "../database/open-database.ts";
import type { WebhookRow } from "../database/tables.ts";
import { placeOfWebhook } from "../secrets/places.ts";
import { openSecrets, type Secrets } from "../secrets/secrets.ts";
import { runIn } from "../spending/lane.ts";
import type { Teams } from "../teams.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams, silent } from "../testing/opened-teams.ts";
import { mostAttempts } from "./backoff.ts";
import { type DeploymentHealth, DeploymentsDown } from "./deployments-down.ts";
import type { Send } from "./deliver.ts";
import type { NewEvent } from "./event.ts";
import { tellExpiring } from "./expiring-keys.ts";
import { type Events, type EventsOptions, openEvents } from "./open-events.ts";
import { mostPending, recordEvent } from "./record-event.ts";
import { removeOldDeliveries } from "./remove-old.ts";
import { newWebhookSecret } from "./signature.ts";
import { announceConfigured } from "./targets.ts";
import { sendByFetch, startReceiver } from "./testing/receiver.ts";
import { addWebhook, toldOf } from "./testing/webhooks.ts";

const saltKey = "a-salt-key-of-the-tests";
const day = 86_400_000;
let secrets: Secrets;
beforeAll(async () => {
  secrets = await openSecrets({ DHEERA_AI_SALT_KEY: saltKey });
});

describeOnEachDatabase("webhooks", ({ createDatabase }) => {
  it("are told each event once by one of several replicas, signed so that the receiver can verify it", async () => {
    await using receiver = await startReceiver();
    const url = await createDatabase();
    await using teams = await openedTeams(url);
    await using other = await openedTeams(url);
    const secret = newWebhookSecret();
    await addWebhook(teams.database, "w", sealed("w", receiver.url, { secret }));
    await using events = opened(teams);
    await using others = opened(other);
    for (const number of [1, 2, 3, 4, 5]) {
      await tell(teams, { key: `event ${number}` });
      await tell(other, { key: `event ${number}` });
    }
    await eventually(async () => expect(await countOf(teams, "delivered")).toBe(5));
    expect(receiver.received).toHaveLength(5);
    for (const { body, headers } of receiver.received)
      expect(new Webhook(secret).verify(body, asText(headers))).toMatchObject({
        id: headers["webhook-id"],
        type: "budget.spent",
        event: "budget_crossed",
      });
    expect([events, others]).toHaveLength(2);
  });

  it("are told what they want, in their format, and nothing while they are switched off", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database } = teams;
    await addWebhook(database, "all");
    await addWebhook(database, "keys", { events: '["key.expiring"]' });
    await addWebhook(database, "slack", { format: "slack", events: '["budget.spent","deployment.up"]' });
    await addWebhook(database, "off", { disabled: 1 });
    await tell(teams, { key: "1", message: "The team <a & b> has spent its budget." });
    expect(await toldOf(database, "all")).toEqual([expect.objectContaining({ type: "budget.spent" })]);
    expect(await toldOf(database, "slack")).toEqual([{ text: "The team &lt;a &amp; b&gt; has spent its budget." }]);
    expect([await toldOf(database, "keys"), await toldOf(database, "off")]).toEqual([[], []]);
  });

  it("get what they did not take again, later each time and not before they ask for it, and then no more", async () => {
    const answers = [500, 429, 302, 410];
    await using receiver = await startReceiver((_, response, count) => {
      response
        .writeHead(answers[count - 1] ?? 204, { "retry-after": "3600", location: "http://169.254.169.254/" })
        .end();
    });
    await using teams = await openedTeams(await createDatabase());
    await addWebhook(teams.database, "w", sealed("w", receiver.url));
    await tell(teams, { key: "1" });
    await using events = opened(teams);
    const errors: unknown[] = [];
    for (const [index, status] of answers.entries()) {
      await eventually(async () => expect((await deliveryOf(teams)).last_error).toContain(String(status)));
      const row = await deliveryOf(teams);
      errors.push([row.status, row.attempts, row.last_error]);
      if (row.status !== "pending") break;
      expect(row.next_attempt_at - Date.now()).toBeGreaterThan(3_500_000);
      expect(receiver.received).toHaveLength(index + 1);
      await makeDue(teams);
    }
    expect(errors).toEqual([
      ["pending", 1, "answered 500"],
      ["pending", 2, "answered 429: it is asked too often"],
      ["pending", 3, "answered 302: redirects are not followed, give the address that it leads to"],
      ["failed", 4, "answered 410: it is gone"],
    ]);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(events).toBeDefined();
  });

  it("have failed after the last attempt, and are kept to look at", async () => {
    await using teams = await openedTeams(await createDatabase());
    await addWebhook(teams.database, "w", sealed("w", "http://127.0.0.1:1"));
    await tell(teams, { key: "1" });
    await teams.database.db
      .updateTable("dheera_deliveries")
      .set({ attempts: mostAttempts - 1 })
      .execute();
    await using events = opened(teams);
    await eventually(async () => expect(await countOf(teams, "failed")).toBe(1));
    expect(await deliveryOf(teams)).toMatchObject({
      attempts: mostAttempts,
      last_error: expect.stringMatching(/^could not be reached/),
    });
    expect(events).toBeDefined();
  });

  it("that hang keep no other waiting, however many they are", async () => {
    await using receiver = await startReceiver();
    await using teams = await openedTeams(await createDatabase());
    await addWebhook(teams.database, "w", sealed("w", receiver.url));
    const released = Promise.withResolvers<void>();
    let hanging = 0;
    const send: Send = async (outgoing) => {
      if (outgoing.url.startsWith(receiver.url)) return sendByFetch(outgoing);
      hanging++;
      await released.promise;
      throw new Error("it hung");
    };
    await tell(teams, { key: "first" });
    const events = opened(teams, { send });
    await eventually(async () => expect(await countOf(teams, "delivered")).toBe(1));
    for (let number = 0; number < 20; number++)
      await teams.stores.webhooks.create({ name: "master" }, { webhook_id: `h${number}`, ...hangs(number) });
    for (let number = 0; number < 40; number++) await tell(teams, { key: String(number) });
    await eventually(() => expect(receiver.received).toHaveLength(41));
    await eventually(() => expect(hanging).toBe(8));
    released.resolve();
    await events[Symbol.asyncDispose]();
  });

  it("get from another process what one that was killed had in hand, as the same event", async () => {
    let holds = true;
    await using receiver = await startReceiver((_, response) => {
      if (!holds) response.writeHead(200).end();
    });
    const url = await createDatabase();
    await using teams = await openedTeams(url);
    await addWebhook(teams.database, "w", sealed("w", receiver.url));
    await tell(teams, { key: "1" });
    const program = fileURLToPath(new URL("testing/deliverer.ts", import.meta.url));
    const killed = spawn(process.execPath, ["-C", "source", program, url, saltKey, "1000"], { stdio: "inherit" });
    await eventually(() => expect(receiver.received.length).toBeGreaterThan(0));
    killed.kill("SIGKILL");
    await once(killed, "exit");
    // On a busy machine its own lease may have ended before.
    const { status, attempts } = await deliveryOf(teams);
    expect(status).toBe("pending");
    holds = false;
    await using events = opened(teams);
    await eventually(async () => expect(await countOf(teams, "delivered")).toBe(1));
    expect(await deliveryOf(teams)).toMatchObject({ attempts: attempts + 1, last_error: null });
    expect(new Set(receiver.received.map(({ headers, body }) => `${headers["webhook-id"]} ${body}`)).size).toBe(1);
    expect(events).toBeDefined();
  });

  it("sign with the secret that was replaced as well, until its time is over", async () => {
    await using receiver = await startReceiver();
    await using teams = await openedTeams(await createDatabase());
    const [secret, previous] = [newWebhookSecret(), newWebhookSecret()];
    await addWebhook(teams.database, "w", sealed("w", receiver.url, { secret, previous, until: Date.now() + day }));
    await addWebhook(teams.database, "over", sealed("over", receiver.url, { secret, previous, until: Date.now() - 1 }));
    await tell(teams, { key: "1" });
    await using events = opened(teams);
    await eventually(async () => expect(await countOf(teams, "delivered")).toBe(2));
    const signatures = receiver.received.map(({ headers }) => asText(headers)["webhook-signature"]?.split(" ").length);
    expect(signatures.toSorted()).toEqual([1, 2]);
    for (const { body, headers } of receiver.received) new Webhook(secret).verify(body, asText(headers));
    expect(events).toBeDefined();
  });

  it("say why nothing is sent where their secret cannot be read", async () => {
    await using receiver = await startReceiver();
    await using teams = await openedTeams(await createDatabase());
    await addWebhook(teams.database, "w", sealed("elsewhere", receiver.url));
    await tell(teams, { key: "1" });
    await using events = opened(teams);
    await eventually(async () => expect((await deliveryOf(teams)).last_error).toContain("dheera_webhooks/w/url"));
    expect(receiver.received).toEqual([]);
    expect(events).toBeDefined();
  });

  it("keep a bounded number waiting, and count what they were not told", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { db } = teams.database;
    await addWebhook(teams.database, "w");
    const row = { webhook_id: "w", event_id: null, event: "budget.spent", body: "{}", created_at: 1, attempts: 0 };
    const rest = { status: "pending", delivered_at: null, ended_at: null, last_error: null, next_attempt_at: 1 };
    for (let start = 0; start < mostPending; start += 50)
      await db
        .insertInto("dheera_deliveries")
        .values(Array.from({ length: 50 }, (_, index) => ({ ...row, ...rest, delivery_id: String(start + index) })))
        .execute();
    await tell(teams, { key: "1" });
    expect(await countOf(teams, "pending")).toBe(mostPending);
    expect(await db.selectFrom("dheera_webhooks").select("missed").execute()).toEqual([{ missed: 1 }]);
  });

  it("give up what could not be sent in its time, and forget what ended long ago", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { db } = teams.database;
    await addWebhook(teams.database, "w");
    await addWebhook(teams.database, "configuration-old", { seen_at: 1 });
    for (const key of ["old", "lost", "new"]) await tell(teams, { key });
    const [old, lost] = await db.selectFrom("dheera_deliveries").select("delivery_id").execute();
    const set = (id: string | undefined, values: object): Promise<unknown> =>
      db
        .updateTable("dheera_deliveries")
        .set(values)
        .where("delivery_id", "=", id ?? "")
        .execute();
    await set(old?.delivery_id, { created_at: 1 });
    await set(lost?.delivery_id, { attempts: mostAttempts });
    await removeOldDeliveries(teams.database, day, Date.now);
    expect(await countOf(teams, "failed")).toBe(2);
    expect(await countOf(teams, "pending")).toBe(1);
    await db.updateTable("dheera_deliveries").set({ ended_at: 1 }).where("status", "=", "failed").execute();
    await db.updateTable("dheera_events").set({ kept_until: 1 }).where("event_key", "=", "old").execute();
    await removeOldDeliveries(teams.database, day, Date.now);
    expect([await countOf(teams, "failed"), await countOf(teams, "pending")]).toEqual([0, 1]);
    expect(await db.selectFrom("dheera_events").select("event_key").orderBy("event_key").execute()).toEqual([
      { event_key: "lost" },
      { event_key: "new" },
    ]);
    expect(await db.selectFrom("dheera_webhooks").select("webhook_id").execute()).toEqual([{ webhook_id: "w" }]);
  });

  it("are told of keys that expire, once for each number of days, but not of those made for less", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database, stores } = teams;
    await addWebhook(database, "w");
    const master = { name: "master" };
    const now = Date.now();
    const longLived = await stores.keys.create(master, { key_alias: "search-api", expires: now + 20 * day });
    await stores.keys.create(master, { key_alias: "for a day", expires: now + day });
    await stores.keys.create(master, { key_alias: "for ever" });
    const look = async (at: number): Promise<void> =>
      void (await Promise.all([1, 2].map(() => tellExpiring(database, [1, 7], () => at))));
    await look(now);
    expect(await toldOf(database)).toEqual([]);
    for (const left of [6, 5, 0.5, 0.25]) await look(now + (20 - left) * day);
    await look(now + 21 * day);
    const told = await toldOf(database);
    expect(told).toEqual(
      [1, 2].map(() =>
        expect.objectContaining({
          type: "key.expiring",
          key_alias: "search-api",
          token: longLived.row.key_hash.slice(0, 12),
          expires: new Date(now + 20 * day).toISOString(),
        }),
      ),
    );
    expect(JSON.stringify(told)).not.toContain(longLived.key);
    expect(JSON.stringify(told)).not.toContain(longLived.row.key_hash);
  });

  it("cost one question where nobody wants to hear of keys, and one transaction for all keys of a look", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database, stores } = teams;
    for (const number of [1, 2, 3])
      await stores.keys.create({ name: "master" }, { expires: Date.now() + number * day });
    await database.db.updateTable("dheera_keys").set({ created_at: 1 }).execute();
    let transactions = 0;
    const counting: Database = {
      ...database,
      transaction: (work) => (transactions++, database.transaction(work)),
    };
    const look = async (): Promise<unknown> => {
      transactions = 0;
      await tellExpiring(counting, [1, 7], Date.now);
      return [transactions, (await toldOf(database)).length];
    };
    await addWebhook(database, "w", { events: '["deployment.down"]' });
    expect(await look()).toEqual([0, 0]);
    await database.db.updateTable("dheera_webhooks").set({ events: null }).execute();
    expect(await look()).toEqual([2, 3]);
    expect(await look()).toEqual([0, 3]);
  });

  it("are told once that a deployment is down, whatever replicas find it, and once that it answers again", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database } = teams;
    await addWebhook(database, "w");
    let at = Date.now();
    const replicas = ["a", "b"].map((replicaId) => new DeploymentsDown(database, { replicaId, now: () => at }));
    const look = async (states: readonly DeploymentHealth["state"][], seconds: number): Promise<unknown> => {
      at += seconds * 1_000;
      for (const [index, state] of states.entries()) await replicas[index]?.look([deployment(state)]);
      return (await toldOf(database)).map(({ type }) => type);
    };
    await look(["up", "up"], 0);
    await look(["down", "unknown"], 1);
    expect(await look(["up", "up"], 5), "a single cooldown").toEqual([]);
    await look(["down", "down"], 1);
    expect(await look(["down", "down"], 16)).toEqual(["deployment.down"]);
    expect(await look(["down", "up"], 30), "one still finds it down").toEqual(["deployment.down"]);
    expect(await look(["up", "up"], 30)).toEqual(["deployment.down", "deployment.up"]);
    await look(["down", "down"], 1);
    expect(await look(["down", "down"], 16), "it comes and goes").toHaveLength(2);
    await database.db.updateTable("dheera_deployment_states").set({ told_down_at: 0 }).execute();
    expect(await look(["down", "down"], 25)).toHaveLength(3);
    // Replica a is no more; what it said does not count any longer.
    await database.db.updateTable("dheera_deployments_down").set({ seen_at: 1 }).execute();
    at += 60_000;
    await replicas[1]?.look([deployment("unknown")]);
    expect(await toldOf(database)).toHaveLength(3);
    at += 25_000;
    await replicas[1]?.look([deployment("up")]);
    expect((await toldOf(database)).map(({ type }) => type).at(-1)).toBe("deployment.up");
  });

  it("leave nothing behind of a deployment that was taken away while it was down", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { database } = teams;
    await addWebhook(database, "w");
    let at = Date.now();
    const replica = new DeploymentsDown(database, { replicaId: "a", now: () => at });
    await replica.look([deployment("down")]);
    at += 16_000;
    await replica.look([deployment("down")]);
    await replica.look([]);
    const left = async (): Promise<number> =>
      (await database.db.selectFrom("dheera_deployments_down").selectAll().execute()).length;
    await removeOldDeliveries(database, day, () => at);
    expect(await left(), "what counts still").toBe(1);
    await database.db.updateTable("dheera_deployments_down").set({ seen_at: 1 }).execute();
    await removeOldDeliveries(database, day, () => at);
    expect(await left()).toBe(0);
  });

  it("of the configuration are told as long as a process says that it has them", async () => {
    await using receiver = await startReceiver();
    await using teams = await openedTeams(await createDatabase());
    const { database } = teams;
    const configured = [{ id: "configuration-slack-1", url: `${receiver.url}/T/B/secret`, format: "slack" }] as const;
    await announceConfigured(database, configured, Date.now);
    await announceConfigured(database, configured, Date.now);
    await addWebhook(database, "configuration-slack-2", { seen_at: 1 });
    await tell(teams, { key: "1" });
    await using events = opened(teams, { configured });
    await eventually(() => expect(receiver.received).toMatchObject([{ path: "/T/B/secret" }]));
    expect(receiver.received[0]?.headers["webhook-signature"]).toBeUndefined();
    expect(await toldOf(database, "configuration-slack-2")).toEqual([]);
    const rows = await database.db.selectFrom("dheera_webhooks").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain("T/B/secret");
    expect(events).toBeDefined();
  });

  it("that nobody has cost nothing after the first look, and are found when somebody adds one", async () => {
    await using receiver = await startReceiver();
    const url = await createDatabase();
    await using teams = await openedTeams(url);
    await using other = await openedTeams(url);
    let asked = 0;
    const { db } = teams.database;
    const counting = db.withPlugin({
      transformQuery: ({ node }) => (asked++, node),
      transformResult: async ({ result }) => result,
    });
    await using events = opened({ ...teams, database: { ...teams.database, db: counting } });
    await eventually(() => expect(asked).toBe(1));
    // It has the time of these to look again.
    for (let number = 0; number < 20; number++) await tell(other, { key: `nobody hears ${number}` });
    expect(asked).toBe(1);
    const row = { url: secrets.encrypt(receiver.url, placeOfWebhook("w", "url")), webhook_id: "w" };
    await other.stores.webhooks.create({ name: "master" }, row);
    await tell(other, { key: "1" });
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(events).toBeDefined();
  });

  it("can be tested at once, and say how it went", async () => {
    await using receiver = await startReceiver(
      (_, response, count) => void response.writeHead(count === 1 ? 204 : 503).end(),
    );
    await using teams = await openedTeams(await createDatabase());
    await addWebhook(teams.database, "w", sealed("w", receiver.url));
    await using events = opened(teams);
    expect(await events.test("w")).toMatchObject({ status: "delivered", event: "webhook.test", attempts: 1 });
    expect(await events.test("w")).toMatchObject({ status: "failed", last_error: "answered 503" });
    expect(await events.test("nobody")).toBeUndefined();
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({ type: "webhook.test" });
  });
});

/** However busy the machine is. */
function eventually(holds: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: 60_000, interval: 20 });
}

function opened(teams: EventsOptions["teams"], given: Partial<EventsOptions> = {}): Events & AsyncDisposable {
  const events = openEvents({ teams, secrets, send: sendByFetch, log: silent, lookEvery: 20, ...given });
  return { ...events, [Symbol.asyncDispose]: () => events.close() };
}

interface Sealing {
  readonly secret?: string;
  readonly previous?: string;
  readonly until?: number;
}

function sealed(id: string, url: string, { secret, previous, until }: Sealing = {}): Partial<WebhookRow> {
  const seal = (text: string | undefined): string | null =>
    text === undefined ? null : secrets.encrypt(text, placeOfWebhook(id));
  return {
    url: secrets.encrypt(url, placeOfWebhook(id, "url")),
    secret: seal(secret),
    previous_secret: seal(previous),
    previous_until: until ?? null,
  };
}

/** The columns of one whose receiver never answers. */
function hangs(number: number): { readonly url: string } {
  return { url: secrets.encrypt(`http://192.0.2.1/${number}`, placeOfWebhook(`h${number}`, "url")) };
}

function tell({ database }: Pick<Teams, "database">, given: Partial<NewEvent>): Promise<boolean> {
  const event: NewEvent = {
    key: "",
    type: "budget.spent",
    at: Date.now(),
    message: "The team research has spent its budget.",
    fields: { event: "budget_crossed", event_group: "team", team_id: "research", spend: 10, max_budget: 10 },
    ...given,
  };
  return database.transaction((transaction) => recordEvent(runIn(transaction), database.kind, event, Date.now));
}

async function countOf({ database: { db } }: Teams, status: string): Promise<number> {
  const rows = await db.selectFrom("dheera_deliveries").select("status").where("status", "=", status).execute();
  return rows.length;
}

function deliveryOf({ database: { db } }: Teams) {
  return db.selectFrom("dheera_deliveries").selectAll().executeTakeFirstOrThrow();
}

async function makeDue({ database: { db } }: Teams): Promise<void> {
  await db.updateTable("dheera_deliveries").set({ next_attempt_at: 1 }).execute();
}

function deployment(state: DeploymentHealth["state"]): DeploymentHealth {
  return { id: "d-1", modelName: "bge", provider: "huggingface", state };
}

function asText(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
