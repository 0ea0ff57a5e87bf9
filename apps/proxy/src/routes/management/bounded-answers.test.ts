import { type Database, openDatabase } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { describeOnEachDatabase } from "../../../../../packages/teams/src/testing/each-database.ts";
import { type ManagedProxy, masterKey, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";
import { openapiDocument } from "../../openapi/openapi-document.ts";

const many = 5_000;

/** Of what everything below asks for: each has five thousand of all that can belong to it. */
const queries: Readonly<Record<string, string>> = {
  "/key/info": "key=KEY",
  "/key/list": "return_full_object=true&size=500",
  "/team/info": "team_id=t",
  "/team/list": "",
  "/v2/team/list": "page_size=500",
  "/user/info": "user_id=u",
  "/v2/user/info": "user_id=u",
  "/user/list": "page_size=500",
  "/organization/info": "organization_id=o",
  "/organization/list": "",
  "/budget/list": "",
  "/budget/settings": "budget_id=b",
  "/spend/logs": "page_size=10000",
  "/spend/logs/v2": "",
  "/global/spend": "",
  "/global/spend/report": "",
  "/global/spend/logs": "",
  "/global/spend/keys": "",
  "/spend/keys": "",
  "/spend/users": "",
  "/spend/tags": "",
  "/global/spend/tags": "",
  "/global/spend/teams": "",
  "/global/spend/models": "",
  "/global/spend/provider": "",
  "/global/activity": "",
  "/user/daily/activity": "",
  "/team/daily/activity": "",
  "/webhook/info": "webhook_id=none",
  "/webhook/list": "",
  "/webhook/deliveries": "page_size=500",
  "/audit": "page_size=500",
  "/audit/{id}": "",
};

describeOnEachDatabase("answers where there is a lot of everything", ({ createDatabase }) => {
  it("have bounds, each of them", { timeout: 240_000 }, async () => {
    const url = await createDatabase();
    await using managed = await startManagedProxy({ url });
    const key = await fill(managed, url);
    for (const [path, query] of Object.entries(queries)) {
      const asked = `${path}?${query.replace("KEY", key)}`.replace("{id}", "none");
      const { status, text } = await managed.call("GET", asked);
      expect([200, 404], `${asked}: ${text.slice(0, 200)}`).toContain(status);
      expect(text.length, asked).toBeLessThan(16_000_000);
      const [longest, place] = longestList(JSON.parse(text), path);
      // Members are small, and so are single answers and sums, which say themselves how many they may be.
      expect(longest, `${asked} at ${place}`).toBeLessThanOrEqual(most(place));
    }
    for (const query of ["report?format=csv", "report?group_by=api_key&format=csv"])
      expect((await read(managed, `/global/spend/${query}`)).status).toBe(200);
  });

  it("say that there are more, how many, and where", { timeout: 240_000 }, async () => {
    const url = await createDatabase();
    await using managed = await startManagedProxy({ url });
    await fill(managed, url);
    for (const [path, id] of [
      ["/organization/list", "organization_id"],
      ["/budget/list", "budget_id"],
    ] as const) {
      const ids = new Set<string>();
      let next: string | undefined = path;
      let pages = 0;
      while (next !== undefined) {
        const answer = await read(managed, next);
        expect(answer.headers.get("x-total-count")).toBe(String(many));
        if (pages === 0)
          expect(decodeURI(answer.headers.get("x-dheera-warnings") ?? "")).toContain(`the latest 1000 of ${many}`);
        const rows: Readonly<Record<string, string>>[] = JSON.parse(await answer.text());
        for (const row of rows) ids.add(row[id] ?? "");
        const link: string | undefined = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get("link") ?? "")?.[1];
        const before: URL = new URL(next, managed.proxy.url);
        next = link === undefined ? undefined : new URL(link, before).href.slice(before.origin.length);
        pages++;
      }
      expect(ids.size, path).toBe(many);
      expect(pages, path).toBe(1 + (many - 1_000) / 500);
    }
    const teams = await read(managed, "/team/list?organization_id=o");
    expect(teams.headers.get("link")).toBe('<?organization_id=o&page=3&page_size=500>; rel="next"');
    expect((await managed.call("GET", "/organization/list?search=O-499&page=1")).body).toHaveLength(11);
    expect((await managed.call("GET", "/user/list?organization_id=o")).body).toMatchObject({ total: many });

    const warnings = async (path: string): Promise<unknown> => {
      const { warnings: said } = (await managed.call("GET", path)).body;
      return Array.isArray(said) ? said.toSorted() : said;
    };
    expect(await warnings("/team/info?team_id=t")).toEqual([
      `keys: these are the latest 1000 of ${many}; list the others with /key/list and team_id`,
    ]);
    expect(await warnings("/organization/info?organization_id=o")).toEqual([
      `teams: these are the latest 1000 of ${many}; list the others with /v2/team/list and organization_id`,
    ]);
    expect(await warnings("/user/info?user_id=u")).toEqual([
      `keys: these are the latest 1000 of ${many}; list the others with /key/list and user_id`,
      `teams: these are the latest 1000 of ${many}; list the others with /v2/team/list and user_id`,
    ]);
  });
});

it("are asked for here, all that the management API reads", () => {
  const reading = Object.entries(openapiDocument().paths).flatMap(([path, { get }]) =>
    get?.tags?.includes("Management") ? [path] : [],
  );
  expect(Object.keys(queries).toSorted()).toEqual(reading.toSorted());
});

function most(place: string): number {
  return /members|memberships|teams$|spend|activity/.test(place) ? 10_000 : 1_000;
}

/** How long the longest list within is, and where it is. */
function longestList(value: unknown, place: string): readonly [length: number, place: string] {
  if (typeof value !== "object" || value === null) return [0, place];
  const own: readonly [number, string] = [Array.isArray(value) ? value.length : 0, place];
  return Object.entries(value)
    .map(([name, within]) => longestList(within, Array.isArray(value) ? place : `${place}.${name}`))
    .reduce((one, other) => (other[0] > one[0] ? other : one), own);
}

function read({ proxy }: ManagedProxy, path: string): Promise<Response> {
  return fetch(`${proxy.url}${path}`, { headers: { authorization: `Bearer ${masterKey}` } });
}

/** @returns the hash of a key of the team, the user and the organization that have so much */
async function fill(managed: ManagedProxy, url: string): Promise<string> {
  const { make } = managed;
  await make("/organization/new", { organization_id: "o" });
  await make("/user/new", { user_id: "u", auto_create_key: false });
  await make("/team/new", { team_id: "t", organization_id: "o", members_with_roles: [{ user_id: "u", role: "user" }] });
  await make("/organization/member_add", { organization_id: "o", member: { user_id: "u" } });
  await make("/budget/new", { budget_id: "b", max_budget: 1 });
  const { key, token } = await make("/key/generate", { team_id: "t", user_id: "u", key_alias: "k", tags: ["tag"] });
  const answer = await managed.call("POST", "/v1/rerank", { model: "bm25", query: "a", documents: ["a"] }, String(key));
  expect(answer.status).toBe(200);
  await expect.poll(async () => (await managed.call("GET", "/spend/logs")).body, { timeout: 60_000 }).toHaveLength(1);
  const database = await openDatabase(url);
  try {
    await copy(database, "dheera_organizations", ["organization_id", "organization_alias"]);
    await copy(database, "dheera_users", ["user_id"]);
    await copy(database, "dheera_teams", ["team_id"]);
    await copy(database, "dheera_budgets", ["budget_id"]);
    await copy(database, "dheera_keys", ["key_hash", "key_id", "key_alias"]);
    await copy(database, "dheera_members", ["team_id"]);
    await copy(database, "dheera_members", ["user_id"], { team_id: "t" });
    await copy(database, "dheera_organization_members", ["user_id"]);
    await copy(database, "dheera_audit", ["id"]);
    await copy(database, "dheera_spend_logs", ["request_id", "call_id", "key_hash", "team_id", "user_id", "tags"]);
    await copy(database, "dheera_spend_days", ["key_hash", "team_id", "user_id"]);
  } finally {
    await database.close();
  }
  return String(token);
}

/** Makes many of the first row of a table, which differ in the columns. */
async function copy(
  { db }: Database,
  table: string,
  columns: readonly string[],
  where: Readonly<Record<string, string>> = {},
): Promise<void> {
  const dynamic = db.withTables<Record<string, Record<string, unknown>>>();
  const [name, value] = Object.entries(where)[0] ?? [];
  const base = dynamic.selectFrom(table).selectAll();
  const row = await (name === undefined ? base : base.where(name, "=", value)).limit(1).executeTakeFirstOrThrow();
  for (let from = 1; from < many; from += 200)
    await dynamic
      .insertInto(table)
      .values(
        Array.from({ length: Math.min(200, many - from) }, (_, index) => ({
          ...row,
          ...Object.fromEntries(columns.map((column) => [column, varied(row[column], from + index)])),
        })),
      )
      .execute();
}

function varied(value: unknown, number: number): string {
  const text = typeof value === "string" ? value : "name";
  return text.startsWith("[") ? JSON.stringify([`tag-${number}`]) : `${text}-${number}`;
}
