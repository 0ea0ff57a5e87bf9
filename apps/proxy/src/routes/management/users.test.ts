import { describe, expect, it } from "vitest";

import { startManagedProxy } from "../../fixtures/start-managed-proxy.ts";

describe("users", () => {
  it("are made with a key, changed, shown, listed and deleted with their keys", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/team/new", { team_id: "red" });
    const fields = { user_id: "ada", user_email: "ada@example.com", max_budget: 5, budget_duration: "30d" };
    const made = await managed.make("/user/new", { ...fields, teams: ["red"], key_alias: "ada's" });
    expect(made).toMatchObject({
      ...fields,
      user_role: "internal_user",
      teams: ["red"],
      key: expect.stringMatching(/^sk-/),
      key_alias: "ada's",
    });
    const again = await managed.make("/user/new", { ...fields, teams: ["red"] });
    expect(again).toMatchObject(fields);
    expect(again).not.toHaveProperty("key");
    expect(await managed.make("/user/update", { user_id: "ada", user_alias: "Ada" })).toMatchObject({
      user_id: "ada",
      data: { user_alias: "Ada", max_budget: 5 },
    });
    expect(await managed.make("/user/update", { user_email: "ada@example.com", rpm_limit: 3 })).toMatchObject({
      user_id: "ada",
      data: { rpm_limit: 3 },
    });
    expect((await managed.call("GET", "/user/info?user_id=ada")).body).toMatchObject({
      user_id: "ada",
      user_info: { user_alias: "Ada" },
      keys: [{ key_alias: "ada's" }],
      teams: [{ team_id: "red" }],
    });
    expect((await managed.call("GET", "/user/list?role=internal_user&team=red")).body).toMatchObject({
      users: [{ user_id: "ada", teams: ["red"] }],
      total: 1,
    });
    expect((await managed.call("GET", "/user/list?role=emperor")).status).toBe(400);
    expect(await managed.make("/user/delete", { user_ids: ["ada"] })).toEqual({ deleted_users: ["ada"] });
    expect((await managed.call("GET", "/user/info", undefined, String(made["key"]))).status).toBe(401);
    expect((await managed.call("GET", "/user/info?user_id=ada")).status).toBe(404);
  });

  it("are made with their key and their teams or not at all, so that a call that failed can be repeated", async () => {
    await using managed = await startManagedProxy();
    await managed.make("/key/generate", { key_alias: "taken" });
    const ada = { user_id: "ada", teams: ["red"] };
    expect(await managed.call("POST", "/user/new", ada)).toMatchObject({ status: 400 });
    await managed.make("/team/new", { team_id: "red" });
    expect(await managed.call("POST", "/user/new", { ...ada, key_alias: "taken" })).toMatchObject({ status: 400 });
    expect((await managed.call("GET", "/user/info?user_id=ada")).status).toBe(404);
    expect((await managed.call("GET", "/team/info?team_id=red")).body).toMatchObject({ team_memberships: [] });
    expect((await managed.call("GET", "/audit?object_id=ada")).body).toMatchObject({ total: 0 });
    const { audit_logs: changes } = (await managed.call("GET", "/audit")).body;
    const [change] = Array.isArray(changes) ? changes : [];
    expect(await managed.call("GET", `/audit/${change.id}`)).toMatchObject({ status: 200, body: change });
    expect(await managed.call("GET", "/audit/none")).toMatchObject({ status: 404, body: { error: { param: "id" } } });
    const made = await managed.make("/user/new", ada);
    expect(made).toMatchObject({ key: expect.stringMatching(/^sk-/), teams: ["red"] });
    expect((await managed.call("GET", "/key/info", undefined, String(made["key"]))).status).toBe(200);
  });

  it("see and name themselves, and give themselves nothing", async () => {
    await using managed = await startManagedProxy();
    const [ada] = [await managed.user("ada"), await managed.user("bob")];
    const status = async (method: string, path: string, body?: object): Promise<number> =>
      (await managed.call(method, path, body, ada)).status;
    expect(await status("GET", "/user/info")).toBe(200);
    expect(await status("GET", "/user/info?user_id=bob")).toBe(403);
    expect(await status("GET", "/user/list")).toBe(403);
    expect(await status("POST", "/user/update", { user_id: "ada", user_alias: "Ada" })).toBe(200);
    for (const change of [{ user_role: "proxy_admin" }, { max_budget: 9 }, { user_email: "x@y.z" }, { blocked: false }])
      expect(await status("POST", "/user/update", { user_id: "ada", ...change }), JSON.stringify(change)).toBe(403);
    expect(await status("POST", "/user/new", { user_id: "eve" })).toBe(403);
    expect(await status("POST", "/user/delete", { user_ids: ["ada"] })).toBe(403);
  });

  it("are not called as those are who have no user", async () => {
    await using managed = await startManagedProxy();
    for (const user_id of ["master", "local"])
      expect(await managed.call("POST", "/user/new", { user_id })).toMatchObject({
        status: 400,
        body: { error: { param: "user_id" } },
      });
  });
});

describe("organizations and budgets", () => {
  it("are made, changed, shown, listed and deleted", async () => {
    await using managed = await startManagedProxy();
    const acme = { organization_id: "acme", organization_alias: "Acme", max_budget: 1_000 };
    const made = await managed.make("/organization/new", acme);
    expect(made).toMatchObject({ ...acme, litellm_budget_table: { max_budget: 1_000 }, spend: 0 });
    expect(await managed.make("/organization/new", acme)).toEqual(made);
    await managed.make("/team/new", { team_id: "red", organization_id: "acme" });
    expect(
      await managed.call("PATCH", "/organization/update", { organization_id: "acme", max_budget: 2_000 }),
    ).toMatchObject({ status: 200, body: { max_budget: 2_000, organization_alias: "Acme" } });
    expect((await managed.call("GET", "/organization/info?organization_id=acme")).body).toMatchObject({
      max_budget: 2_000,
      teams: [{ team_id: "red" }],
    });
    expect(JSON.parse((await managed.call("GET", "/organization/list?org_alias=Acme")).text)).toMatchObject([
      { organization_id: "acme" },
    ]);
    expect(await managed.call("DELETE", "/organization/delete", { organization_ids: ["acme"] })).toMatchObject({
      status: 200,
      body: { deleted_organizations: ["acme"] },
    });
    expect((await managed.call("GET", "/team/info?team_id=red")).status).toBe(404);
  });

  it("give their values to those that name them", async () => {
    await using managed = await startManagedProxy();
    const small = { budget_id: "small", max_budget: 5, budget_duration: "24h" };
    expect(await managed.make("/budget/new", small)).toMatchObject(small);
    expect(await managed.make("/budget/update", { budget_id: "small", max_budget: 6 })).toMatchObject({
      max_budget: 6,
    });
    const list: unknown = await managed.make("/budget/info", { budgets: ["small", "none"] });
    expect(list).toMatchObject([{ budget_id: "small", max_budget: 6 }]);
    expect(JSON.parse((await managed.call("GET", "/budget/list")).text)).toHaveLength(1);
    expect(JSON.parse((await managed.call("GET", "/budget/settings?budget_id=small")).text)).toContainEqual(
      expect.objectContaining({ field_name: "max_budget", field_type: "Float", field_value: 6 }),
    );
    expect(await managed.make("/key/generate", { budget_id: "small" })).toMatchObject({ budget_id: "small" });
    expect((await managed.call("POST", "/key/generate", { budget_id: "none" })).status).toBe(400);
  });

  it("are for administrators", async () => {
    await using managed = await startManagedProxy();
    const ada = await managed.user("ada");
    for (const [method, path, body] of [
      ["POST", "/organization/new", {}],
      ["PATCH", "/organization/update", { organization_id: "acme" }],
      ["DELETE", "/organization/delete", { organization_ids: ["acme"] }],
      ["GET", "/organization/info?organization_id=acme", undefined],
      ["GET", "/organization/list", undefined],
      ["POST", "/budget/new", {}],
      ["POST", "/budget/update", { budget_id: "small" }],
      ["POST", "/budget/info", { budgets: ["small"] }],
      ["GET", "/budget/list", undefined],
      ["GET", "/budget/settings?budget_id=small", undefined],
      ["POST", "/budget/delete", { id: "small" }],
      ["GET", "/audit", undefined],
      ["GET", "/audit/none", undefined],
    ] as const)
      expect((await managed.call(method, path, body, ada)).status, path).toBe(403);
  });
});

describe("the audit log", () => {
  it("says who changed what, and can be filtered", async () => {
    await using managed = await startManagedProxy();
    const ada = await managed.user("ada", { user_role: "proxy_admin" });
    await managed.make("/team/new", { team_id: "red", max_budget: 1 }, ada);
    await managed.make("/team/update", { team_id: "red", max_budget: 2 }, ada);
    const audit = async (query: string): Promise<unknown> => (await managed.call("GET", `/audit?${query}`)).body;
    const { audit_logs: changes, total } = Object(await audit("kind=team"));
    expect(total).toBe(2);
    // Within one millisecond any may be the first.
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: "updated",
          changed_by: "ada",
          before_value: expect.objectContaining({ max_budget: 1 }),
          updated_values: expect.objectContaining({ max_budget: 2 }),
        }),
        expect.objectContaining({ action: "created", changed_by: "ada", object_id: "red", before_value: null }),
      ]),
    );
    expect(await audit("changed_by=master&object_id=ada")).toMatchObject({ audit_logs: [{ table_name: "user" }] });
    expect(await audit("end_date=2000-01-01")).toMatchObject({ audit_logs: [], total: 0 });
    expect(await managed.call("GET", "/audit?start_date=2026-02-30")).toMatchObject({
      status: 400,
      body: { error: { param: "start_date" } },
    });
  });
});
