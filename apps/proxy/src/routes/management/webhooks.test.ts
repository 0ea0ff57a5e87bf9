import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { eventTypes, formats, type Teams } from "@dheera-ai/teams";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";

import { describeOnEachDatabase } from "../../../../../packages/teams/src/testing/each-database.ts";
import { type ManagedProxy, masterKey, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";
import { bearer, createKey, master, price, request, stageTeams } from "../../fixtures/stage-teams.ts";
import { eventNames, formatNames } from "../../management/bodies/webhook-bodies.ts";
import { serverPort } from "../../server/server-address.ts";

const environment = { DHEERA_AI_SALT_KEY: "a-salt-key-of-the-tests" };
const settings = '  allowed_private_networks: ["127.0.0.1"]\n';

describeOnEachDatabase("/webhook", ({ createDatabase }) => {
  let managed: ManagedProxy;
  beforeAll(async () => {
    managed = await startManagedProxy({ url: await createDatabase(), settings, environment });
  });
  afterAll(() => managed[Symbol.asyncDispose]());

  it("shows a secret once, and nothing of addresses that are one", async () => {
    const { call, make } = managed;
    const made = await make("/webhook/new", { url: "https://hooks.example/a?token=t0p", webhook_id: "once" });
    expect(made).toMatchObject({ webhook_id: "once", secret: expect.stringMatching(/^whsec_/), events: [] });
    const again = await make("/webhook/new", { url: "https://hooks.example/a?token=t0p", webhook_id: "once" });
    expect(again).not.toHaveProperty("secret");
    expect((await call("POST", "/webhook/new", { url: "https://hooks.example/b", webhook_id: "once" })).status).toBe(
      400,
    );
    const slack = { url: "https://hooks.slack.example/services/T/B/x", format: "slack", webhook_id: "channel" };
    expect(await make("/webhook/new", slack)).not.toHaveProperty("secret");
    const { body, text: shown } = await call("GET", "/webhook/list");
    expect(body["webhooks"]).toMatchObject([
      { webhook_id: "channel", url: "https://hooks.slack.example/…" },
      { webhook_id: "once", url: "https://hooks.example/…" },
    ]);
    const firstPage = await fetch(`${managed.proxy.url}/webhook/list?page_size=1`, { headers: bearer(masterKey) });
    expect(await firstPage.json()).toMatchObject({ webhooks: [{ webhook_id: "channel" }] });
    expect(firstPage.headers.get("x-total-count")).toBe("2");
    expect(firstPage.headers.get("link")).toBe('<?page_size=1&page=2>; rel="next"');
    const secondPage = await call("GET", "/webhook/list?page_size=1&page=2");
    expect(secondPage.body["webhooks"]).toMatchObject([{ webhook_id: "once" }]);
    const audit = await call("GET", "/audit?kind=webhook");
    for (const secret of [String(made["secret"]), "services/T/B", "t0p", "enc:v1:0"])
      expect(shown + audit.text).not.toContain(secret);
    expect(audit.body["audit_logs"]).toHaveLength(2);
    await make("/webhook/delete", { webhook_id: "channel" });
    expect((await call("GET", "/webhook/info?webhook_id=channel")).status).toBe(404);
    await make("/webhook/delete", { webhook_id: "once" });
  });

  it("is for proxy admins, and viewers read it", async () => {
    const { call, user } = managed;
    const [somebody, viewer] = [await user("eve"), await user("vera", { user_role: "proxy_admin_viewer" })];
    const paths = ["new", "update", "delete", "test", "any/regenerate"];
    for (const path of paths)
      for (const key of [somebody, viewer])
        expect(
          (await call("POST", `/webhook/${path}`, { url: "https://hooks.example", webhook_id: "x" }, key)).status,
        ).toBe(403);
    for (const path of ["list", "deliveries", "info?webhook_id=x"]) {
      expect((await call("GET", `/webhook/${path}`, undefined, somebody)).status).toBe(403);
      expect((await call("GET", `/webhook/${path}`, undefined, viewer)).status).not.toBe(403);
    }
  });

  it.each([
    ["http://10.0.0.1/", "private"],
    ["http://169.254.169.254/latest/meta-data/", "never allowed"],
    ["https://[fd00:ec2::254]/", "never allowed"],
    ["ftp://hooks.example", "https://"],
    ["https://user:password@hooks.example", "no user and no password"],
    ["http://hooks.example.invalid:0", "port"],
  ])("refuses the address %s", async (url, reason) => {
    const answer = await managed.call("POST", "/webhook/new", { url });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(reason)]);
    expect(answer.text).toMatch(/url/);
    expect(answer.text).not.toContain("password@");
  });

  it("replaces a secret, and signs with both for its grace", async () => {
    const { make, call } = managed;
    const receiver = await receive();
    const { webhook_id: id, secret: first } = await make("/webhook/new", { url: receiver.url });
    const rotated = await make(`/webhook/${String(id)}/regenerate`, { grace_seconds: 60 });
    expect(rotated["previous_secret_until"]).toEqual(expect.any(String));
    expect(await make("/webhook/test", { webhook_id: id })).toMatchObject({ status: "delivered", attempts: 1 });
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.received;
    for (const secret of [first, rotated["secret"]])
      expect(new Webhook(String(secret)).verify(body, headers)).toMatchObject({ type: "webhook.test" });
    expect((await call("POST", `/webhook/${String(id)}/regenerate`, { grace_seconds: 9_999_999 })).status).toBe(400);
    const { body: listed } = await call("GET", `/webhook/deliveries?webhook_id=${String(id)}&status=delivered`);
    expect(listed).toMatchObject({ total: 1, deliveries: [{ event: "webhook.test", body: { type: "webhook.test" } }] });
    await make("/webhook/delete", { webhook_id: id });
  });

  it("follows no redirect, and ends answers that do not end", async () => {
    const { make } = managed;
    const outcomes: unknown[] = [];
    const redirects = await receive((response) => {
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end();
    });
    const endless = await receive((response) => {
      response.writeHead(200);
      const write = (): void =>
        void (response.write("x".repeat(10_000)) ? setImmediate(write) : response.once("drain", write));
      write();
    });
    for (const { url } of [redirects, endless]) {
      const { webhook_id: id } = await make("/webhook/new", { url });
      const { status, last_error } = await make("/webhook/test", { webhook_id: id });
      outcomes.push([status, last_error]);
      await make("/webhook/delete", { webhook_id: id });
    }
    expect(outcomes).toEqual([
      ["failed", expect.stringContaining("302")],
      ["failed", expect.stringContaining("more than 64000 bytes")],
    ]);
  });

  it("tells once that a key has spent its budget, to who was added and to Slack of the configuration", async () => {
    const [receiver, slack] = [await receive(), await receive()];
    const { proxy, teams } = await stageTeams('allowed_private_networks: ["127.0.0.1"], alerting: [slack]', {
      url: await createDatabase(),
      proxy: { environment: { ...environment, SLACK_WEBHOOK_URL: slack.url } },
    });
    const made = await proxy.post("/webhook/new", { url: receiver.url, events: ["budget.spent"] }, master);
    const { secret }: { secret: string } = await made.json();
    const { key, row } = await createKey(teams, { key_alias: "spender", max_budget: price, soft_budget: price / 2 });
    await vi.waitFor(async () => expect(await configuredOf(teams)).toHaveLength(1), patience);
    expect((await proxy.post("/v1/rerank", request, bearer(key))).status).toBe(200);
    await vi.waitFor(() => expect([receiver.received.length, slack.received.length]).toEqual([1, 2]), patience);
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.received;
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: "budget.spent",
      event: "budget_crossed",
      event_group: "key",
      key_alias: "spender",
      token: row.key_hash.slice(0, 12),
      spend: price,
      max_budget: price,
    });
    expect(body).not.toContain(key);
    expect(body).not.toContain(row.key_hash);
    for (const { body: told } of slack.received)
      expect(JSON.parse(told)).toEqual({
        text: expect.stringMatching(/^The key spender \(\w{12}\) has (nearly )?spent/),
      });
    expect((await proxy.post("/v1/rerank", request, bearer(key))).status).toBe(429);
    const listed = await (await proxy.get("/webhook/deliveries", master)).json();
    expect(listed).toMatchObject({ total: 3 });
  });
});

it("names the events and formats that there are", () => {
  expect([eventNames, formatNames]).toEqual([eventTypes, formats]);
});

const patience = { timeout: 60_000, interval: 50 };

function configuredOf({ stores }: Teams): Promise<unknown> {
  return stores.webhooks
    .list({}, { page: 1, size: 10 })
    .then(({ rows }) => rows.filter(({ seen_at }) => seen_at !== null));
}

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function receive(
  answer: (response: ServerResponse) => void = (response) => void response.writeHead(204).end(),
): Promise<{ readonly url: string; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
      received.push({ headers: Object.fromEntries(headers), body });
      answer(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${serverPort(server)}/hook`, received };
}
