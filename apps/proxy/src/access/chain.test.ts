import { type LimitColumns, type OwnerKind, type Teams, memberId, organizationMemberId } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { describeOnEachDatabase } from "../../../../packages/teams/src/testing/each-database.ts";
import {
  bearer,
  createKey,
  master,
  operator,
  price,
  request,
  spendLogs,
  spentBy,
  stageTeams,
} from "../fixtures/stage-teams.ts";
import { scoreByNumber } from "../fixtures/start-upstream.ts";
import { hashKey } from "./hash-key.ts";

describeOnEachDatabase("the chain of a key", (database) => {
  it.each<OwnerKind>(["key", "member", "user", "team", "organization_member", "organization"])(
    "is held to the budget of the %s by the proxy, over all of its keys, and so is the next proxy",
    async (kind) => {
      const url = await database.createDatabase();
      const [one, other] = [await stageTeams("", { url }), await stageTeams("", { url })];
      const chain = await makeChain(one.teams, { [kind]: { max_budget: 2 * price } });
      const keys = kind === "key" ? [chain.key] : [chain.key, await chain.another()];
      const statuses: number[] = [];
      for (const [index, proxy] of [one.proxy, other.proxy].entries()) {
        const key = keys[index % keys.length] ?? "";
        statuses.push((await proxy.post("/rerank", request, bearer(key))).status);
        await expect.poll(() => spentBy(one.teams, kind, chain.ids[kind])).toBeCloseTo((index + 1) * price, 9);
      }
      expect(statuses).toEqual([200, 200]);
      for (const [index, proxy] of [one.proxy, other.proxy].entries()) {
        const refused = await proxy.post("/rerank", request, bearer(keys[index % keys.length] ?? ""));
        expect(await refused.json()).toMatchObject({ error: { code: "budget_exceeded" } });
      }
      // All of the chain is booked, whoever of it has the budget.
      for (const [owner, id] of Object.entries(chain.ids))
        if (owner !== "key") expect(await spentBy(one.teams, owner, id), owner).toBeCloseTo(2 * price, 9);
    },
  );

  it.each<OwnerKind>(["key", "member", "user", "team", "organization_member", "organization"])(
    "is held to the requests a minute, the documents and the models of the %s",
    async (kind) => {
      const { proxy, teams } = await stageTeams("", { url: await database.createDatabase() });
      const chain = await makeChain(teams, { [kind]: { rpm_limit: 3, max_documents: 2, models: '["bge"]' } });
      const ask = (body: object): Promise<Response> => proxy.post("/rerank", body, bearer(chain.key));
      expect((await ask(request)).status).toBe(200);
      expect(await (await ask({ ...request, model: "other" })).json()).toMatchObject({ error: { code: "forbidden" } });
      const many = await ask({ ...request, documents: ["1", "2", "3"] });
      expect(await many.json()).toMatchObject({ error: { param: "documents" } });
      expect(await (await ask(request)).json()).toMatchObject({ error: { code: "rate_limited" } });
    },
  );

  it("is that of the member too where a key of the file names the team and the user", async () => {
    const key = "sk-of-the-file-for-a-member";
    const { proxy, teams } = await stageTeams(
      `keys: [{ name: old, key: "${hashKey(key)}", team_id: research, user_id: ada }]`,
      { url: await database.createDatabase() },
    );
    await makeChain(teams, { member: { max_budget: price, rpm_limit: 3 } });
    const ask = async (): Promise<unknown> => {
      const response = await proxy.post("/rerank", request, bearer(key));
      const body = await response.json();
      return response.status === 200 ? 200 : body.error.code;
    };
    expect(await ask()).toBe(200);
    await expect.poll(() => spentBy(teams, "member", "research/ada")).toBeCloseTo(price, 9);
    expect(await ask()).toBe("budget_exceeded");
    await teams.stores.members.set(operator, "research", "ada", { max_budget: null });
    await expect.poll(ask).toBe("rate_limited");
  });

  it("lets a request end that is under way when its member is taken out of the team; the next is refused", async () => {
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { teams, proxy } = await stageTeams("", {
      url: await database.createDatabase(),
      answer: async (question) => {
        asked.resolve();
        await held.promise;
        scoreByNumber(question);
      },
    });
    const { key, ids, another } = await makeChain(teams, { member: { max_budget: 10 } });
    const own = await createKey(teams, { user_id: "ada" });
    const rank = async (one: string): Promise<number> => (await proxy.post("/rerank", request, bearer(one))).status;
    const underWay = rank(key);
    await asked.promise;
    const removed = await proxy.post("/team/member_delete", { team_id: "research", user_id: "ada" }, master);
    expect(removed.status).toBe(200);
    held.resolve();
    expect(await underWay).toBe(200);
    await expect
      .poll(() => spendLogs(teams))
      .toMatchObject([{ key_hash: ids.key, team_id: "research", user_id: "ada", cost: price * 1e9 }]);
    expect(await rank(key)).toBe(401);
    expect(await rank(own.key)).toBe(200);
    // Who comes back begins with a whole budget: what was booked after the end is not theirs.
    await teams.stores.members.set(operator, "research", "ada", { max_budget: price });
    expect(await rank(await another())).toBe(200);
  });
});

interface Chain {
  readonly key: string;
  readonly ids: Readonly<Record<OwnerKind, string>>;
  /** Another key of the same owners. */
  another(): Promise<string>;
}

/** A key of ada in the team research of the organization acme. */
async function makeChain({ stores }: Teams, limits: Partial<Record<OwnerKind, Partial<LimitColumns>>>): Promise<Chain> {
  const [organization_id, team_id, user_id] = ["acme", "research", "ada"];
  await stores.organizations.create(operator, { organization_id, ...limits.organization });
  await stores.teams.create(operator, { team_id, organization_id, ...limits.team });
  await stores.users.create(operator, { user_id, ...limits.user });
  await stores.members.set(operator, team_id, user_id, { ...limits.member });
  await stores.organizationMembers.set(operator, organization_id, user_id, { ...limits.organization_member });
  const { key, row } = await stores.keys.create(operator, { team_id, user_id, ...limits.key });
  return {
    key,
    ids: {
      key: row.key_id,
      member: memberId({ team_id, user_id }),
      user: user_id,
      team: team_id,
      organization: organization_id,
      organization_member: organizationMemberId({ organization_id, user_id }),
    },
    another: async () => (await stores.keys.create(operator, { team_id, user_id })).key,
  };
}
