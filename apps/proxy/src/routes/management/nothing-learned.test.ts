import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Answer, type ManagedProxy, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";

/** Two requests alike but for what they name: the first something that is there, the second something that is not. */
type Pair = readonly [method: string, path: string, there: object | undefined, notThere: string | object];

const ofUsers: readonly Pair[] = [
  ["POST", "/user/update", { user_email: "bob@example.com" }, { user_email: "eve@example.com" }],
  ["POST", "/user/update", { user_email: "twins@example.com" }, { user_email: "eve@example.com" }],
  ["POST", "/user/update", { user_id: "bob" }, { user_id: "eve" }],
  ["POST", "/user/delete", { user_ids: ["bob"] }, { user_ids: ["eve"] }],
  ["GET", "/user/info?user_id=bob", undefined, "/user/info?user_id=eve"],
  ["POST", "/team/update", { team_id: "red" }, { team_id: "eve" }],
  ["POST", "/team/delete", { team_ids: ["red"] }, { team_ids: ["eve"] }],
  ["POST", "/team/block", { team_id: "red" }, { team_id: "eve" }],
  ["POST", "/team/unblock", { team_id: "red" }, { team_id: "eve" }],
  ["GET", "/team/info?team_id=red", undefined, "/team/info?team_id=eve"],
  ["POST", "/team/member_add", memberOf("red", "bob"), memberOf("eve", "bob")],
  ["POST", "/team/member_update", { team_id: "red", user_id: "bob" }, { team_id: "eve", user_id: "bob" }],
  ["POST", "/team/member_delete", { team_id: "red", user_id: "bob" }, { team_id: "eve", user_id: "bob" }],
  ["POST", "/key/generate", { team_id: "red" }, { team_id: "eve" }],
  ["POST", "/key/generate", { user_id: "bob" }, { user_id: "eve" }],
  ["POST", "/key/delete", { key_aliases: ["bob's"] }, { key_aliases: ["eve"] }],
  ["PATCH", "/organization/update", { organization_id: "acme" }, { organization_id: "eve" }],
];

/** Within a team, of users outside of it: to a member, and to an admin. */
const ofTeam: readonly Pair[] = ["/team/member_update", "/team/member_delete"].flatMap((path): readonly Pair[] => [
  ["POST", path, { team_id: "blue", user_id: "bob" }, { team_id: "blue", user_id: "eve" }],
  [
    "POST",
    path,
    { team_id: "blue", user_email: "bob@example.com" },
    { team_id: "blue", user_email: "eve@example.com" },
  ],
  [
    "POST",
    path,
    { team_id: "blue", user_email: "twins@example.com" },
    { team_id: "blue", user_email: "eve@example.com" },
  ],
]);

describe("who may not see something does not learn whether it is there", () => {
  let managed: ManagedProxy;
  const keys: Record<string, string> = {};
  beforeAll(async () => {
    managed = await startManagedProxy();
    await managed.make("/organization/new", { organization_id: "acme", organization_alias: "Acme" });
    for (const team_id of ["red", "blue"]) await managed.make("/team/new", { team_id });
    await managed.user("bob", { user_email: "bob@example.com", key_alias: "bob's", teams: ["red"] });
    for (const id of ["one", "two"]) await managed.user(id, { user_email: "twins@example.com" });
    keys["ada"] = await managed.user("ada", { user_email: "ada@example.com" });
    keys["mo"] = await managed.user("mo", { teams: ["blue"] });
    keys["tia"] = await managed.user("tia", { teams: [{ team_id: "blue", user_role: "admin" }] });
    keys["service"] = String((await managed.make("/key/generate", { key_alias: "ci" }))["key"]);
  });
  afterAll(() => managed[Symbol.asyncDispose]());

  async function answers(who: string, [method, path, there, notThere]: Pair): Promise<readonly Answer[]> {
    const key = keys[who] ?? "";
    const other =
      typeof notThere === "string"
        ? managed.call(method, notThere, undefined, key)
        : managed.call(method, path, notThere, key);
    return Promise.all([managed.call(method, path, there, key), other]);
  }

  describe.each(["ada", "service"])("as %s", (who) => {
    it.each(ofUsers)("with %s %s %j", async (...pair) => {
      const [there, notThere] = await answers(who, pair);
      expect(there?.status).toBe(403);
      expect(said(notThere)).toEqual(said(there));
    });
  });

  describe.each([
    ["mo", "member", 403],
    ["tia", "admin", 404],
  ] as const)("as %s, %s of the team", (who, _, status) => {
    it.each(ofTeam)("with %s %s %j", async (...pair) => {
      const [there, notThere] = await answers(who, pair);
      expect(there?.status).toBe(status);
      expect(said(notThere)).toEqual(said(there));
    });
  });

  it("and finds themselves by their own address", async () => {
    const change = { user_email: "ADA@example.com", user_alias: "Ada" };
    expect(await managed.make("/user/update", change, keys["ada"])).toMatchObject({
      user_id: "ada",
      data: { user_alias: "Ada", user_email: "ada@example.com" },
    });
  });
});

/** An answer without what was named and without the id of the call. */
function said(answer: Answer | undefined): unknown {
  const text = JSON.stringify(answer?.body["error"]);
  return [answer?.status, text.replaceAll(/\b(red|eve|bob|acme|twins)\b(@example\.com)?/g, "…")];
}

function memberOf(team_id: string, user_id: string): object {
  return { team_id, member: { user_id, role: "user" } };
}
