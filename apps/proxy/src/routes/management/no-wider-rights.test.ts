import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ManagedProxy, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";

/** An admin of the team red, who may make anybody a member of it, wants what the others may. */
let managed: ManagedProxy;
let tia: string;

beforeAll(async () => {
  managed = await startManagedProxy();
  tia = await managed.user("tia");
  await managed.user("root", { user_role: "proxy_admin" });
  await managed.user("bo");
  await managed.make("/team/new", { team_id: "red", members_with_roles: [{ user_id: "tia", role: "admin" }] });
  await managed.make("/team/new", { team_id: "blue", members_with_roles: [{ user_id: "bo", role: "admin" }] });
  for (const user_id of ["root", "bo"])
    await managed.make("/team/member_add", { team_id: "red", member: { user_id, role: "user" } }, tia);
});
afterAll(() => managed[Symbol.asyncDispose]());

describe("an admin of a team", () => {
  it.each(["root", "bo"])("makes no key in the name of its member %s", async (user_id) => {
    const refusal = { status: 403, body: { message: expect.stringContaining(`ask the user ${user_id}`) } };
    expect(await managed.call("POST", "/key/generate", { team_id: "red", user_id }, tia)).toMatchObject(refusal);
    const own = await managed.make("/key/generate", { team_id: "red" }, tia);
    expect(await managed.call("POST", "/key/update", { key: own["token"], user_id }, tia)).toMatchObject(refusal);
    expect(await managed.call("POST", "/key/regenerate", { key: own["token"], user_id }, tia)).toMatchObject(refusal);
  });

  it.each(["root", "bo"])("gets no key of its member %s by rotating it", async (user_id) => {
    const given = await managed.make("/key/generate", { team_id: "red", user_id });
    for (const [path, body] of [
      ["/key/regenerate", { key: given["token"] }],
      ["/key/regenerate", { key: given["token"], new_key: "sk-that-tia-knows-by-heart" }],
      [`/key/${String(given["token"])}/regenerate`, {}],
      ["/key/regenerate", { key: given["token"], user_id: null }],
    ] as const)
      expect((await managed.call("POST", path, body, tia)).status, path).toBe(403);
    // It is still theirs to limit, to block and to take away.
    await managed.make("/key/update", { key: given["token"], user_id, team_id: "red", rpm_limit: 3 }, tia);
    await managed.make("/key/block", { key: given["token"] }, tia);
    await managed.make("/key/delete", { keys: [given["token"]] }, tia);
  });
});

describe("a key of a team", () => {
  it("never acts as its user, whoever made it", async () => {
    const { key } = await managed.make("/key/generate", { team_id: "red", user_id: "root" });
    const byKey = (path: string, body: object): Promise<{ status: number }> =>
      managed.call("POST", path, body, String(key));
    expect((await byKey("/user/update", { user_id: "tia", user_role: "proxy_admin" })).status).toBe(403);
    expect((await byKey("/key/generate", {})).status).toBe(403);
    const { key: ofBlue } = await managed.make("/key/generate", { team_id: "red", user_id: "bo" });
    const member = { team_id: "blue", member: { user_id: "tia", role: "admin" } };
    expect((await managed.call("POST", "/team/member_add", member, String(ofBlue))).status).toBe(403);
    expect((await managed.call("GET", "/key/info", undefined, String(key))).status).toBe(200);
  });

  it("opens a session that does not either", async () => {
    const { key } = await managed.make("/key/generate", { team_id: "red", user_id: "root" });
    const answer = await fetch(`${managed.proxy.url}/login`, { method: "POST", body: JSON.stringify({ key }) });
    expect(await answer.json()).toMatchObject({ person: { role: "internal_user_viewer" } });
    const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const session = await fetch(`${managed.proxy.url}/sso/session`, { headers: { cookie } });
    const { person } = await session.json();
    expect(person).toMatchObject({ role: "internal_user_viewer", teams: [{ teamId: "red", role: "user" }] });
    expect(person).not.toHaveProperty("userId");
  });
});
