import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { type TeamsStage, bearer, master, price, request, stageTeams } from "../../fixtures/stage-teams.ts";

describe("spend", () => {
  it("is told of each answer, of each day, and of each key, team, user and model", async () => {
    const { ask, rank, search } = await stageSpend();
    await rank(search, 2);
    const today = new Date().toISOString().slice(0, 10);

    const logs = await ask("/spend/logs");
    expect(logs).toMatchObject([spent, spent]);
    expect(logs).not.toMatchObject([{ request_id: Reflect.get(Object(Object(logs)[1]), "request_id") }, {}]);
    expect(await ask("/spend/logs/v2?page_size=1&page=2")).toMatchObject({
      data: [spent],
      total: 2,
      page: 2,
      page_size: 1,
      total_pages: 2,
    });
    const [log] = Array.isArray(logs) ? logs : [];
    expect(await ask(`/spend/logs?request_id=${log.request_id}`)).toEqual([log]);
    expect(await ask(`/spend/logs?request_id=${log.litellm_call_id}`)).toEqual([log]);
    expect(await ask("/spend/logs?request_id=none")).toEqual([]);
    expect(await ask(`/spend/logs?start_date=${today}&end_date=${today}`)).toEqual([
      { startTime: today, spend: 2 * price, users: { ada: 2 * price }, models: { bge: 2 * price } },
    ]);

    expect(await ask("/global/spend")).toMatchObject({ spend: 2 * price, api_requests: 2, failed_requests: 0 });
    expect(await ask("/global/spend/logs")).toMatchObject([{ date: today, spend: 2 * price }]);
    expect(await ask("/global/spend/keys?limit=1")).toEqual([
      { api_key: log.api_key, key_alias: "search", key_name: expect.any(String), total_spend: 2 * price },
    ]);
    expect(await ask("/spend/keys")).toEqual([
      { token: log.api_key, key_alias: "search", key_name: expect.any(String), team_id: "red", spend: 2 * price },
    ]);
    expect(await ask("/spend/users")).toEqual([{ user_id: "ada", spend: 2 * price }]);
    expect(await ask("/spend/tags")).toEqual([
      { individual_request_tag: "batch", log_count: 2, total_spend: 2 * price },
      { individual_request_tag: "nightly", log_count: 2, total_spend: 2 * price },
    ]);
    expect(await ask("/global/spend/tags?tags=nightly,none")).toEqual({
      spend_per_tag: [{ name: "nightly", spend: 2 * price, log_count: 2 }],
    });
    expect(await ask("/spend/tags?start_date=2020-01-01&end_date=2020-01-02")).toEqual([]);
    expect(await ask("/global/spend/models")).toEqual([{ model: "bge", total_spend: 2 * price }]);
    expect(await ask("/global/spend/provider")).toEqual([{ provider: "huggingface", spend: 2 * price }]);
    expect(await ask("/global/spend/teams")).toEqual({
      daily_spend: [{ date: today, Red: 2 * price }],
      teams: ["Red"],
      total_spend_per_team: [{ team_id: "Red", total_spend: 2 * price }],
    });
    expect(await ask("/global/activity")).toMatchObject({ sum_api_requests: 2, daily_data: [{ date: today }] });
    expect(await ask(`/global/spend/report?start_date=${today}&end_date=${today}`)).toMatchObject([
      {
        group_by_day: today,
        teams: [{ team_id: "red", team_name: "Red", total_spend: 2 * price, metadata: [{ model: "bge" }] }],
      },
    ]);
    expect(await ask("/global/spend/report?group_by=api_key")).toMatchObject([
      { api_key: log.api_key, key_alias: "search", total_cost: 2 * price, model_details: [{ model: "bge" }] },
    ]);
    expect(await ask("/global/spend/report?group_by=provider")).toMatchObject([
      { providers: [{ provider: "huggingface", total_spend: 2 * price }] },
    ]);
    expect(await ask("/user/daily/activity")).toMatchObject({
      results: [
        {
          date: today,
          metrics: { spend: 2 * price, api_requests: 2, successful_requests: 2, failed_requests: 0 },
          breakdown: {
            models: { bge: { metrics: { spend: 2 * price } } },
            api_keys: { [log.api_key]: { metadata: { key_alias: "search", team_id: "red" } } },
            teams: { red: { metadata: { team_alias: "Red" } } },
          },
        },
      ],
      metadata: { total_spend: 2 * price, total_api_requests: 2, page: 1, total_pages: 1, has_more: false },
    });
    for (const path of [`/key/info?key=${log.api_key}`, "/team/info?team_id=red", "/user/info?user_id=ada"])
      expect(JSON.stringify(await ask(path)), path).toContain(`"spend":${2 * price}`);
  });

  it("of a team stays its own under whatever name the team is given", async () => {
    const { ask, make, rank, search, proxy } = await stageSpend();
    await rank(search, 1);
    const names = ["Red", "date", "team_id", "teams", "Unassigned", "blue (red)"];
    for (const team_id of ["blue", "date"]) {
      await make("/team/new", { team_id, team_alias: `was ${team_id}` });
      const { key } = await make("/key/generate", { team_id });
      await proxy.post("/rerank", request, bearer(String(key)));
    }
    const { key: ownerless } = await make("/key/generate", {});
    await proxy.post("/rerank", request, bearer(String(ownerless)));
    await expect.poll(() => ask("/spend/logs")).toHaveLength(4);
    const today = new Date().toISOString().slice(0, 10);
    for (const ofRed of [...names, "blue"])
      for (const ofBlue of [ofRed, "red", "date"]) {
        await make("/team/update", { team_id: "red", team_alias: ofRed });
        await make("/team/update", { team_id: "blue", team_alias: ofBlue });
        const report: unknown = await ask("/global/spend/teams");
        const { teams, daily_spend, total_spend_per_team } = v.parse(teamsReport, report);
        expect(new Set(teams).size, `${ofRed}, ${ofBlue}`).toBe(4);
        expect(total_spend_per_team.map(({ total_spend }) => total_spend)).toEqual(Array.from(teams, () => price));
        expect(total_spend_per_team.map(({ team_id }) => team_id).toSorted()).toEqual(teams.toSorted());
        const [{ date, ...ofTeams } = {}, ...others] = daily_spend;
        expect([date, others]).toEqual([today, []]);
        expect(Object.keys(ofTeams).toSorted()).toEqual(teams.toSorted());
        expect(Object.values(ofTeams)).toEqual(Array.from(teams, () => price));
      }
    await make("/team/update", { team_id: "red", team_alias: "finance" });
    await make("/team/update", { team_id: "blue", team_alias: "finance" });
    expect(Object(await ask("/global/spend/teams")).teams.toSorted()).toEqual([
      "Unassigned",
      "finance (blue)",
      "finance (red)",
      "was date",
    ]);
  });

  it("is told as a table too, which no spreadsheet runs", async () => {
    const { proxy, rank, search, make } = await stageSpend();
    await make("/team/update", { team_id: "red", team_alias: "=1+1" });
    await rank(search, 1);
    const report = await proxy.get("/global/spend/report?format=csv", master);
    expect(report.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(report.headers.get("content-disposition")).toBe('attachment; filename="spend-report.csv"');
    const [names, row] = (await report.text()).split("\r\n");
    expect(names).toMatch(/^day,team_id,model,name,spend,/);
    expect(row).toContain(`,red,bge,'=1+1,${price},`);
    const logs = await (await proxy.get("/spend/logs?format=csv", master)).text();
    expect(logs.split("\r\n")).toHaveLength(3);
  });

  it("of others is for administrators, and that of a team for its admins", async () => {
    const { proxy, rank, search, make, ask } = await stageSpend();
    await rank(search, 1);
    const bob = String((await make("/user/new", { user_id: "bob" }))["key"]);
    const tia = String((await make("/user/new", { user_id: "tia" }))["key"]);
    await make("/team/member_add", { team_id: "red", member: { user_id: "tia", role: "admin" } });
    expect(await ask("/global/spend", search)).toMatchObject({ spend: price });
    expect(await ask("/global/spend", bob)).toMatchObject({ spend: 0 });
    expect(await ask("/global/spend?team_id=red", bob)).toMatchObject({ spend: 0 });
    expect(await ask("/global/spend?team_id=red", tia)).toMatchObject({ spend: price });
    expect(await ask("/global/spend", tia)).toMatchObject({ spend: 0 });
    expect(await ask("/spend/logs", bob)).toEqual([]);
    for (const path of ["/spend/tags", "/spend/users", "/spend/keys"]) expect(await ask(path, bob), path).toEqual([]);
    expect(await ask("/spend/tags?team_id=red", tia)).toHaveLength(2);
    expect((await proxy.get("/global/spend?user_id=ada", bearer(bob))).status).toBe(403);
    const { key } = await make("/key/generate", {});
    expect(await ask("/global/spend", String(key))).toMatchObject({ spend: 0 });
    expect((await proxy.get("/global/spend?team_id=red", bearer(String(key)))).status).toBe(403);
  });

  it("is deleted answer by answer, of a key or a team, by proxy admins, while sums and budgets stay", async () => {
    const { proxy, rank, search, make, ask } = await stageSpend();
    await rank(search, 2);
    const viewer = await make("/user/new", { user_id: "vera", user_role: "proxy_admin_viewer" });
    for (const key of [search, String(viewer["key"])])
      expect((await proxy.post("/spend/logs/delete", { team_id: "red" }, bearer(key))).status).toBe(403);
    expect(await make("/spend/logs/delete", { team_id: "blue" })).toMatchObject({ deleted_logs: 0 });
    expect(await make("/spend/logs/delete", { key: search, before: "2020-01-01" })).toMatchObject({
      team_id: null,
      before: "2020-01-01T00:00:00.000Z",
      deleted_logs: 0,
    });
    expect(await ask("/spend/logs")).toHaveLength(2);
    const deleted = await make("/spend/logs/delete", { key: search });
    expect(deleted).toEqual({ api_key: expect.any(String), team_id: null, before: null, deleted_logs: 2 });
    expect(await ask("/spend/logs")).toEqual([]);
    await rank(search, 1);
    expect(await make("/spend/logs/delete", { team_id: "red" })).toMatchObject({ team_id: "red", deleted_logs: 1 });
    expect(await ask("/global/spend")).toMatchObject({ spend: 3 * price, api_requests: 3 });
    expect(JSON.stringify(await ask("/team/info?team_id=red"))).toContain(`"spend":${3 * price}`);
    expect(await ask("/audit?kind=spend")).toMatchObject({
      total: 4,
      audit_logs: expect.arrayContaining([
        expect.objectContaining({
          action: "deleted",
          table_name: "spend",
          object_id: deleted["api_key"],
          updated_values: { of: "key", before: null },
        }),
      ]),
    });
  });

  it.each([
    [{}, "key"],
    [{ key: "sk-0123456789abcdef", team_id: "red" }, "key"],
    [{ team_id: "red", before: "yesterday" }, "before"],
    [{ team_id: "red", before: "2026-02-30" }, "before"],
    [{ team_id: "red", before: "2026-11-27T25:00:00Z" }, "before"],
  ])("is not deleted for %j", async (body, param) => {
    const { proxy } = await stageTeams();
    const response = await proxy.post("/spend/logs/delete", body, master);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });

  it.each([
    ["start_date=2026-02-30", "start_date"],
    ["start_date=2026-02-02&end_date=2026-02-01", "start_date"],
    ["start_date=2020-01-01&end_date=2026-02-01", "start_date"],
    ["format=xml", "format"],
    ["group_by=moon", "group_by"],
  ])("is not asked for with %s", async (query, param) => {
    const { proxy } = await stageTeams();
    const response = await proxy.get(`/global/spend/report?${query}`, master);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });
});

const spent = {
  spend: price,
  model: "bge",
  team_id: "red",
  user: "ada",
  key_name: "search",
  documents: 2,
  status: "success",
  status_code: 200,
  call_type: "rerank",
};

interface SpendStage extends TeamsStage {
  /** A key of the user ada in the team red. */
  readonly search: string;
  make(path: string, body: object): Promise<Record<string, unknown>>;
  /** What a path answers to the master key, or to another. */
  ask(path: string, key?: string): Promise<unknown>;
  /** Ranks so often, until all of it is booked. */
  rank(key: string, times: number): Promise<void>;
}

const teamsReport = v.object({
  daily_spend: v.array(v.record(v.string(), v.union([v.string(), v.number()]))),
  teams: v.array(v.string()),
  total_spend_per_team: v.array(v.object({ team_id: v.string(), total_spend: v.number() })),
});

async function stageSpend(): Promise<SpendStage> {
  const stage = await stageTeams();
  const { proxy } = stage;
  const make: SpendStage["make"] = async (path, body) => {
    const response = await proxy.post(path, body, master);
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  const ask: SpendStage["ask"] = async (path, key) => (await proxy.get(path, key ? bearer(key) : master)).json();
  await make("/team/new", { team_id: "red", team_alias: "Red" });
  await make("/user/new", { user_id: "ada", auto_create_key: false });
  const { key } = await make("/key/generate", {
    key_alias: "search",
    team_id: "red",
    user_id: "ada",
    tags: ["nightly", "batch"],
  });
  return {
    ...stage,
    search: String(key),
    make,
    ask,
    async rank(one, times) {
      for (let time = 0; time < times; time++) await proxy.post("/rerank", request, bearer(one));
      await expect.poll(() => ask("/spend/logs")).toHaveLength(times);
    },
  };
}
