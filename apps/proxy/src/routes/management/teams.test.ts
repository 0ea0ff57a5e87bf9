import { describe, expect, it } from "vitest";

import { startManagedProxy } from "../../fixtures/start-managed-proxy.ts";

describe("teams", () => {
  it("are made, changed, shown, listed and deleted with their keys", async () => {
    await using managed = await startManagedProxy();
    const fields = { team_id: "red", team_alias: "Red", max_budget: 100, budget_duration: "1mo", models: ["bm25"] };
    const made = await managed.make("/team/new", fields);
    expect(made).toMatchObject({ ...fields, members_with_roles: [], spend: 0, blocked: false });
    expect(await managed.make("/team/new", fields), "the same once more").toEqual(made);
    const changed = await managed.make("/team/update", { team_id: "red", max_budget: null, rpm_limit: 6 });
    expect(changed).toMatchObject({ team_id: "red", data: { max_budget: null, rpm_limit: 6, team_alias: "Red" } });
    const { key, token } = await managed.make("/key/generate", { team_id: "red" });
    expect((await managed.call("GET", "/team/info?team_id=red")).body).toMatchObject({
      team_id: "red",
      team_info: { team_alias: "Red" },
      keys: [{ token }],
      team_memberships: [],
    });
    expect((await managed.call("GET", "/v2/team/list?page_size=1")).body).toMatchObject({
      teams: [{ team_id: "red" }],
      total: 1,
      page: 1,
      page_size: 1,
      total_pages: 1,
    });
    expect(await managed.make("/team/delete", { team_ids: ["red"] })).toEqual({ deleted_teams: ["red"] });
    expect((await managed.call("GET", "/key/info", undefined, String(key))).status).toBe(401);
    expect((await managed.call("GET", "/team/info?team_id=red")).status).toBe(404);
  });

  it("are made with their members or not at all, as members are added", async () => {
    await using managed = await startManagedProxy();
    const bad = [{ user_id: "ada" }, { user_id: "master\u0000" }, {}];
    for (const member of bad.slice(1)) {
      const red = { team_id: "red", members_with_roles: [{ user_id: "ada", role: "admin" }, member] };
      expect((await managed.call("POST", "/team/new", red)).status).toBe(400);
    }
    expect((await managed.call("GET", "/team/info?team_id=red")).status).toBe(404);
    expect((await managed.call("GET", "/user/info?user_id=ada")).status).toBe(404);
    await managed.make("/team/new", { team_id: "red" });
    expect((await managed.call("POST", "/team/member_add", { team_id: "red", member: [bad[0], {}] })).status).toBe(400);
    expect((await managed.call("GET", "/team/info?team_id=red")).body).toMatchObject({ team_memberships: [] });
    expect((await managed.call("GET", "/user/info?user_id=ada")).status).toBe(404);
  });

  it("are deleted together or not at all", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/team/new", { team_id: "red" });
    expect(await managed.call("POST", "/team/delete", { team_ids: ["red", "blue"] })).toMatchObject({
      status: 404,
      body: { message: "team_ids[1]: this team is not found" },
    });
    expect((await managed.call("GET", "/team/info?team_id=red")).status).toBe(200);
  });

  it("are blocked with all of their keys", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/team/new", { team_id: "red" });
    const { key } = await managed.make("/key/generate", { team_id: "red" });
    const info = async (): Promise<number> => (await managed.call("GET", "/key/info", undefined, String(key))).status;
    expect(await info()).toBe(200);
    expect(await managed.make("/team/block", { team_id: "red" })).toMatchObject({ blocked: true });
    expect(await info()).toBe(403);
    expect(await managed.make("/team/unblock", { team_id: "red" })).toMatchObject({ blocked: false });
    expect(await info()).toBe(200);
  });

  it("have members, who are made where they are not there", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/team/new", { team_id: "red", members_with_roles: [{ user_id: "ada", role: "admin" }] });
    const added = await managed.make("/team/member_add", {
      team_id: "red",
      member: [{ user_email: "bob@example.com", role: "user" }],
      max_budget_in_team: 5,
    });
    expect(added).toMatchObject({
      members_with_roles: expect.arrayContaining([{ user_id: "ada", role: "admin" }]),
      updated_team_memberships: [{ role: "user", max_budget_in_team: 5 }],
    });
    const bob = { team_id: "red", user_email: "Bob@example.com" };
    expect(
      await managed.make("/team/member_update", { ...bob, role: "admin", max_budget_in_team: null }),
    ).toMatchObject({
      role: "admin",
      max_budget_in_team: null,
    });
    expect(await managed.make("/team/member_delete", bob)).toMatchObject({
      members_with_roles: [{ user_id: "ada", role: "admin" }],
    });
    expect(await managed.call("POST", "/team/member_delete", bob)).toMatchObject({ status: 404 });
    expect(await managed.call("POST", "/team/member_add", { team_id: "red", member: {} })).toMatchObject({
      status: 400,
      body: { error: { param: "member.user_email" } },
    });
  });

  it("are shown to their members, and managed by their admins but for their limits", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/team/new", { team_id: "red" });
    const [tia, mo, sam] = [await managed.user("tia"), await managed.user("mo"), await managed.user("sam")];
    const members = [
      { user_id: "tia", role: "admin" },
      { user_id: "mo", role: "user" },
    ];
    await managed.make("/team/member_add", { team_id: "red", member: members });
    const status = async (key: string, path: string, body?: object): Promise<number> =>
      (await managed.call(body ? "POST" : "GET", path, body, key)).status;

    expect(await status(tia, "/key/generate", { team_id: "red" })).toBe(200);
    for (const user_id of ["mo", "sam"])
      expect(await status(tia, "/key/generate", { team_id: "red", user_id })).toBe(403);
    expect(await status(tia, "/team/update", { team_id: "red", team_alias: "Red" })).toBe(200);
    expect(await status(tia, "/team/update", { team_id: "red", max_budget: 9 })).toBe(403);
    expect(await status(tia, "/team/block", { team_id: "red" })).toBe(403);
    expect(await status(tia, "/team/delete", { team_ids: ["red"] })).toBe(403);
    expect(await status(tia, "/team/member_add", { team_id: "red", member: { user_id: "sam", role: "user" } })).toBe(
      200,
    );
    expect(await status(tia, "/team/member_add", { team_id: "red", member: { user_id: "new" } })).toBe(404);

    expect(await status(mo, "/team/info?team_id=red")).toBe(200);
    expect(await status(mo, "/key/generate", { team_id: "red" })).toBe(200);
    expect(await status(mo, "/team/member_update", { team_id: "red", user_id: "mo", max_budget_in_team: 9 })).toBe(403);
    expect((await managed.call("GET", "/team/info?team_id=red", undefined, mo)).body).toMatchObject({
      keys: [{ user_id: "mo" }],
      team_memberships: [{ user_id: "mo" }],
    });
    expect((await managed.call("GET", "/team/info?team_id=red", undefined, tia)).body).toMatchObject({
      team_memberships: [{ user_id: "mo" }, { user_id: "sam" }, { user_id: "tia" }],
    });

    await managed.make("/team/new", { team_id: "blue" });
    expect(await status(sam, "/team/info?team_id=blue")).toBe(403);
    expect(JSON.parse((await managed.call("GET", "/team/list", undefined, sam)).text)).toMatchObject([
      { team_id: "red" },
    ]);
  });
});
