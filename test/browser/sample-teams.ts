import { createHash } from "node:crypto";

import pg from "pg";

import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../support/postgresql-server.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { makeKey, manage, masterKey } from "./teams-steps.ts";

/** A proxy whose database holds a company's teams, keys and five weeks of spend, the same each time. */
export interface SampleTeams extends AsyncDisposable {
  readonly proxy: ProxyProcess;
  /** Of its database. */
  readonly url: string;
}

/** @param latest the last day that is filled, in UTC: `2026-11-27` */
export async function startSampleTeams(latest: string = new Date().toISOString().slice(0, 10)): Promise<SampleTeams> {
  await using stack = new AsyncDisposableStack();
  const server: PostgresqlServer = stack.use(await startPostgresqlServer());
  const upstream: Simulator = stack.use(await startSimulator({ modelId: "BAAI/bge-reranker-v2-m3" }));
  const url = await server.createDatabase();
  const folder = stack.use(await createFolder({ "config.yaml": configOf(upstream.url, url) }));
  const proxy = await startProxy(`${folder.path}/config.yaml`, {
    DHEERA_AI_SALT_KEY: "a-salt-of-the-sample-0123456789",
  });
  stack.defer(async () => void (await proxy.stop()));
  await fill(proxy, url, latest);
  const rest = stack.move();
  return { proxy, url, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

function configOf(upstream: string, database: string): string {
  return `
model_list:
  - model_name: bge-reranker-v2-m3
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-v2-m3, api_base: "${upstream}" }
    model_info: { id: reranker-a, input_cost_per_query: 0.001 }
  - model_name: bge-reranker-v2-m3
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-v2-m3, api_base: "${upstream}/" }
    model_info: { id: reranker-b, input_cost_per_query: 0.001 }
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
    model_info: { id: bm25 }
general_settings:
  master_key: ${masterKey}
  database_url: "${database}"
  allowed_private_networks: ["127.0.0.0/8"]
`;
}

const organizations = [
  { organization_id: "europe", organization_alias: "Europe", max_budget: 900, budget_duration: "1mo" },
  { organization_id: "americas", organization_alias: "Americas", max_budget: 1_500, budget_duration: "1mo" },
];

/** With what each has spent of its budget. */
const teams = [
  {
    team_id: "search",
    team_alias: "Search",
    organization_id: "europe",
    max_budget: 400,
    budget_duration: "1mo",
    spent: 231.4,
  },
  {
    team_id: "support",
    team_alias: "Support search",
    organization_id: "europe",
    max_budget: 200,
    budget_duration: "1mo",
    spent: 188.2,
  },
  {
    team_id: "catalogue",
    team_alias: "Catalogue",
    organization_id: "americas",
    max_budget: 150,
    budget_duration: "1mo",
    spent: 152.07,
  },
  { team_id: "research", team_alias: "Research", spent: 18.3 },
];

const users = [
  { user_id: "ada", user_email: "ada@example.org", user_role: "internal_user" },
  { user_id: "lin", user_email: "lin@example.org", user_role: "internal_user" },
  { user_id: "sam", user_email: "sam@example.org", user_role: "proxy_admin_viewer" },
  { user_id: "noor", user_email: "noor@example.org", user_role: "internal_user" },
];

/** With their part of a day's requests. */
const keys = [
  { key_alias: "search-api", team_id: "search", weight: 42, max_budget: 300, budget_duration: "1mo", spent: 214.7 },
  { key_alias: "search-nightly", team_id: "search", weight: 6, user_id: "ada", spent: 16.7 },
  {
    key_alias: "help-center",
    team_id: "support",
    weight: 30,
    rpm_limit: 600,
    max_budget: 190,
    budget_duration: "1mo",
    spent: 184,
  },
  { key_alias: "help-center-staging", team_id: "support", weight: 2, duration: "30d", spent: 4.2 },
  { key_alias: "catalogue-import", team_id: "catalogue", weight: 21, spent: 152.07 },
  { key_alias: "experiments", team_id: "research", weight: 4, user_id: "lin", models: ["bm25"], spent: 18.3 },
];

const models = [
  { model: "bge-reranker-v2-m3", provider: "huggingface", share: 0.72, cost: 0.011 },
  { model: "rerank-v3.5", provider: "cohere", share: 0.2, cost: 0.018 },
  { model: "bm25", provider: "bm25", share: 0.08, cost: 0 },
];

async function fill(proxy: ProxyProcess, url: string, latest: string): Promise<void> {
  for (const organization of organizations) await manage(proxy, "organization/new", organization);
  for (const { spent: _, ...team } of teams) await manage(proxy, "team/new", team);
  for (const user of users) await manage(proxy, "user/new", { ...user, auto_create_key: false });
  for (const [team_id, user_id, role] of [
    ["search", "ada", "admin"],
    ["search", "lin", "user"],
    ["support", "noor", "admin"],
    ["research", "lin", "user"],
  ])
    await manage(proxy, "team/member_add", { team_id, member: { user_id, role } });
  await manage(proxy, "budget/new", { budget_id: "trial", max_budget: 25, budget_duration: "30d", rpm_limit: 60 });
  const hashes = new Map<string, string>();
  for (const { spent: _, weight: __, ...key } of keys)
    hashes.set(
      key.key_alias,
      createHash("sha256")
        .update(await makeKey(proxy, key))
        .digest("hex"),
    );
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query("begin");
    for (const day of daysBefore(latest, 35)) await fillDay(client, day, hashes);
    const month = Date.parse(`${latest.slice(0, 7)}-01`);
    for (const { team_id, spent, ...team } of teams)
      await addSpent(client, "team", team_id, "budget_duration" in team ? month : 0, spent);
    for (const { key_alias, spent, ...key } of keys)
      await addSpent(client, "key", hashes.get(key_alias) ?? "", "budget_duration" in key ? month : 0, spent);
    await addSpent(client, "organization", "europe", month, 419.6);
    await addSpent(client, "organization", "americas", month, 152.07);
    await addSpent(client, "member", "search/ada", 0, 16.7);
    await client.query("commit");
  } finally {
    await client.end();
  }
}

async function fillDay(client: pg.Client, day: string, hashes: ReadonlyMap<string, string>): Promise<void> {
  const random = randomOf(day);
  const weekday = new Date(day).getUTCDay();
  const busy = weekday === 0 || weekday === 6 ? 0.35 : 1;
  for (const { key_alias, team_id, weight, ...key } of keys)
    for (const { model, provider, share, cost } of models) {
      const requests = Math.round(weight * share * busy * (8 + 5 * random()));
      if (requests === 0) continue;
      const saved = requests * cost * (0.1 + 0.2 * random());
      const values = {
        day,
        key_hash: hashes.get(key_alias) ?? "",
        team_id,
        user_id: "user_id" in key ? key.user_id : "",
        organization_id: "",
        model,
        provider,
        requests,
        errors: random() < 0.25 ? Math.round(requests * 0.04 * random()) : 0,
        unknown_costs: 0,
        cost: nanodollars(requests * cost),
        saved_cost: nanodollars(saved),
        documents: requests * 40,
        tokens: requests * 9_000,
        cache_hits: Math.round(requests * 6 * random()),
      };
      const places = Object.keys(values).map((_, index) => `$${index + 1}`);
      await client.query(
        `insert into dheera_spend_days (${Object.keys(values).join(", ")}) values (${places.join(", ")})`,
        Object.values(values),
      );
    }
}

async function addSpent(
  client: pg.Client,
  kind: string,
  id: string,
  windowStart: number,
  dollars: number,
): Promise<void> {
  await client.query("insert into dheera_spent (owner_kind, owner_id, window_start, spent) values ($1, $2, $3, $4)", [
    kind,
    id,
    windowStart,
    nanodollars(dollars),
  ]);
}

function daysBefore(latest: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.parse(latest) - index * 86_400_000).toISOString().slice(0, 10),
  );
}

function nanodollars(dollars: number): number {
  return Math.round(dollars * 1e9);
}

/** The same numbers from 0 to 1 for the same words. */
function randomOf(words: string): () => number {
  let round = 0;
  return () => createHash("sha256").update(`${words}${round++}`).digest().readUInt32BE() / 2 ** 32;
}
