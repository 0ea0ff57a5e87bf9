import { DatabaseSync } from "node:sqlite";

import { expect, it, onTestFinished } from "vitest";

import { describeOnEachDatabase } from "../../../../../packages/teams/src/testing/each-database.ts";
import { newDatabase, openForTest } from "../../fixtures/stage-teams.ts";
import { type ManagedProxy, masterKey, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";

/** Of each the end, and what it cost in US dollars. In Berlin the second and the third are of one day; in Los Angeles the first two. */
const answers = [
  ["2026-11-20T21:30:00Z", 1],
  ["2026-11-20T23:30:00Z", 2],
  ["2026-11-21T12:00:00Z", 4],
] as const;

const dates = "start_date=2026-11-20&end_date=2026-11-21";

describeOnEachDatabase("days of a time zone", ({ createDatabase }) => {
  it("begin by its clocks in every report, and by UTC where none is named", async () => {
    const managed = await withAnswers(await createDatabase());
    const daysOf = async (path: string, zone?: string): Promise<unknown> => {
      const asked = zone === undefined ? "" : `&timezone=${encodeURIComponent(zone)}`;
      return (await managed.call("GET", `${path}?${dates}${asked}`)).body;
    };
    const spent = (one: number, two: number): object[] => [
      { date: "2026-11-20", spend: one },
      { date: "2026-11-21", spend: two },
    ];
    expect(await daysOf("/global/spend/logs")).toMatchObject(spent(3, 4));
    expect(await daysOf("/global/spend/logs", "UTC")).toMatchObject(spent(3, 4));
    expect(await daysOf("/global/spend/logs", "Europe/Berlin")).toMatchObject(spent(1, 6));
    expect(await daysOf("/global/spend/logs", "America/Los_Angeles")).toMatchObject(spent(3, 4));
    expect(await daysOf("/global/spend/report", "Europe/Berlin")).toMatchObject([
      { group_by_day: "2026-11-20", teams: [{ team_id: "red", total_spend: 1 }] },
      {
        group_by_day: "2026-11-21",
        teams: [
          { team_id: null, total_spend: 4 },
          { team_id: "red", total_spend: 2 },
        ],
      },
    ]);
    expect(await daysOf("/global/spend", "Asia/Tokyo")).toMatchObject({ spend: 7, api_requests: 3 });
    expect(await daysOf("/user/daily/activity", "Europe/Berlin")).toMatchObject({
      results: [
        { date: "2026-11-21", metrics: { spend: 6, api_requests: 2, failed_requests: 1 } },
        { date: "2026-11-20", metrics: { spend: 1 } },
      ],
      metadata: { total_spend: 7 },
    });
    const logs = "/spend/logs?summarize=false&start_date=2026-11-21&end_date=2026-11-21&timezone=Europe/Berlin";
    expect((await managed.call("GET", logs)).body).toHaveLength(2);
    // What UTC says of the same days is the same by either way.
    const sums = ["", "&timezone=Etc/GMT"].map((zone) => managed.call("GET", `/global/activity?${dates}${zone}`));
    const [kept, made] = await Promise.all(sums);
    expect(made?.body).toEqual(kept?.body);
  });

  it("say where single answers are not kept for so long, and what a time zone is", async () => {
    const managed = await withAnswers(await createDatabase());
    const warningsOf = async (query: string): Promise<string> => {
      const address = `${managed.proxy.url}/global/spend/logs?${dates}&${query}`;
      const answer = await fetch(address, { headers: { authorization: `Bearer ${masterKey}` } });
      return decodeURI(answer.headers.get("x-dheera-warnings") ?? "");
    };
    expect(await warningsOf("timezone=Europe/Berlin")).toBe("");
    expect(await warningsOf("timezone=-60")).toContain("minutes have no effect here; send an IANA name");
    await managed.make("/spend/logs/delete", { team_id: "red" });
    expect(await warningsOf("timezone=Europe/Berlin")).toContain("they are kept since 2026-11-21T12:00:00.000Z");
    expect(await warningsOf("timezone=Europe/Berlin&team_id=red")).toContain("none are kept");
    expect(await warningsOf("team_id=red")).toBe("");
    const wrong = await managed.call("GET", `/global/spend?${dates}&timezone=Mars/Olympus`);
    expect(wrong).toMatchObject({ status: 400, body: { error: { param: "timezone" } } });
  });
});

it(
  "are reported also where it takes too long to find out since when answers are kept",
  { timeout: 120_000 },
  async () => {
    const url = await newDatabase();
    const managed = await withAnswers(url);
    // Whoever looks at an answer of the time before all others looks for ever.
    using file = new DatabaseSync(url.slice("sqlite:".length));
    file.exec(`
    alter table dheera_spend_logs rename to kept;
    create view dheera_spend_logs as select * from kept where at > 0
      or (with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n) > 0;
    create temporary table one as select * from kept limit 1;
    update one set request_id = 'the first', at = -1;
    insert into kept select * from one;
  `);
    const answer = await fetch(`${managed.proxy.url}/global/spend/logs?${dates}&timezone=Europe/Berlin`, {
      headers: { authorization: `Bearer ${masterKey}` },
    });
    expect(await answer.json()).toMatchObject([
      { date: "2026-11-20", spend: 1 },
      { date: "2026-11-21", spend: 6 },
    ]);
    expect(decodeURI(answer.headers.get("x-dheera-warnings") ?? "")).toContain("took too long to find out");
  },
);

async function withAnswers(url: string): Promise<ManagedProxy> {
  const managed = await startManagedProxy({ url });
  onTestFinished(() => managed[Symbol.asyncDispose]());
  const { spending } = await openForTest(url);
  for (const [index, [at, dollars]] of answers.entries())
    spending.book({
      request_id: `answer-${index}`,
      call_id: "call",
      at: Date.parse(at),
      model: "bm25",
      deployment: null,
      provider: "bm25",
      status: index === 1 ? 503 : 200,
      cost: dollars * 1e9,
      saved_cost: 0,
      documents: 2,
      tokens: 3,
      cache_hits: 1,
      milliseconds: 5,
      payer: {
        owners: [],
        key_hash: `key-${index}`,
        key_name: "sk-...k",
        team_id: index === 2 ? null : "red",
        user_id: null,
        organization_id: null,
        tags: [],
      },
    });
  await spending.flush();
  return managed;
}
