import { expect, it } from "vitest";

import { describeOnEachDatabase } from "../../../../../packages/teams/src/testing/each-database.ts";
import { type ManagedProxy, startManagedProxy } from "../../fixtures/start-managed-proxy.ts";

describeOnEachDatabase("members of an organization", ({ createDatabase }) => {
  it("who are its admins see it, and manage its members and its teams, of no other organization", async () => {
    await using managed = await startManagedProxy({ url: await createDatabase() });
    const { ada } = await makeOrganizations(managed);
    const ask = async (method: string, path: string, body?: object): Promise<number> =>
      (await managed.call(method, path, body, ada)).status;
    expect(await ask("GET", "/organization/info?organization_id=acme")).toBe(200);
    expect((await managed.call("GET", "/organization/list", undefined, ada)).text).toMatch(/acme(?!.*other)/);
    expect((await managed.call("GET", "/v2/team/list", undefined, ada)).body).toMatchObject({
      teams: [{ team_id: "research" }],
      total: 1,
    });
    expect(await ask("POST", "/key/generate", { team_id: "research" })).toBe(200);
    expect(await ask("POST", "/team/member_add", { team_id: "research", member: { user_id: "bob" } })).toBe(200);
    const member = { organization_id: "acme", user_id: "bob" };
    await managed.make("/user/update", { user_id: "bob", user_email: "bob@example.com", max_budget: 77 });
    const added = await managed.make(
      "/organization/member_add",
      { organization_id: "acme", member: { user_id: "bob" } },
      ada,
    );
    // Who is somebody's, and what they may spend, is none of an organization's business.
    expect(JSON.stringify(added)).not.toMatch(/example\.com|max_budget":77/);
    expect(await ask("POST", "/organization/member_add", { organization_id: "acme", member: { user_id: "bob" } })).toBe(
      200,
    );
    expect(await ask("PATCH", "/organization/member_update", { ...member, max_budget_in_organization: 1 })).toBe(200);
    expect(await ask("DELETE", "/organization/member_delete", member)).toBe(200);

    for (const [method, path, body] of [
      ["GET", "/organization/info?organization_id=other", undefined],
      ["GET", "/team/info?team_id=theirs", undefined],
      ["POST", "/key/generate", { team_id: "theirs" }],
      ["POST", "/organization/member_add", { organization_id: "other", member: { user_id: "ada", role: "org_admin" } }],
      ["PATCH", "/organization/member_update", { organization_id: "other", user_id: "eve", role: "internal_user" }],
      ["DELETE", "/organization/member_delete", { organization_id: "other", user_id: "eve" }],
      ["PATCH", "/organization/update", { organization_id: "acme", max_budget: 1_000_000 }],
      ["DELETE", "/organization/delete", { organization_ids: ["acme"] }],
      ["POST", "/team/update", { team_id: "research", organization_id: "other" }],
      ["POST", "/team/new", { organization_id: "acme" }],
    ] as const)
      expect(await ask(method, path, body), `${method} ${path}`).toBe(403);
    // Users that are not there are for proxy admins to make.
    expect(
      await ask("POST", "/organization/member_add", { organization_id: "acme", member: { user_id: "nobody" } }),
    ).toBe(404);
  });

  it("who are no admins, or are so no more, or look only, manage nothing", async () => {
    await using managed = await startManagedProxy({ url: await createDatabase() });
    const { ada, bob } = await makeOrganizations(managed);
    const statusOf = async (key: string): Promise<number> =>
      (await managed.call("POST", "/key/generate", { team_id: "research" }, key)).status;
    await managed.make("/organization/member_add", {
      organization_id: "acme",
      member: { user_id: "bob", role: "internal_user" },
    });
    expect(await statusOf(bob)).toBe(403);
    expect((await managed.call("GET", "/organization/info?organization_id=acme", undefined, bob)).status).toBe(403);
    const viewer = await managed.user("vic", { user_role: "internal_user_viewer" });
    await managed.make("/organization/member_add", {
      organization_id: "acme",
      member: [{ user_id: "vic", role: "org_admin" }],
    });
    expect(await statusOf(viewer)).toBe(403);
    expect((await managed.call("GET", "/organization/info?organization_id=acme", undefined, viewer)).status).toBe(200);
    await managed.call("PATCH", "/organization/member_update", {
      organization_id: "acme",
      user_id: "ada",
      role: "internal_user",
    });
    expect(await statusOf(ada)).toBe(403);
  });

  it("are named with the field where they are wrong, and go with the organization and the user", async () => {
    await using managed = await startManagedProxy({ url: await createDatabase() });
    await makeOrganizations(managed);
    for (const [body, status, param] of [
      [{ organization_id: "nowhere", member: { user_id: "ada" } }, 404, "organization_id"],
      [{ organization_id: "acme", member: { user_id: "ada", role: "king" } }, 400, "member"],
      [{ organization_id: "acme", member: { role: "org_admin" } }, 400, "member.user_email"],
      [{ organization_id: "acme", member: { user_id: "ada" }, max_budget_in_organization: -1 }, 400, undefined],
    ] as const) {
      const answer = await managed.call("POST", "/organization/member_add", body);
      expect(answer.status, answer.text).toBe(status);
      if (param !== undefined) expect(answer.body).toMatchObject({ error: { param: expect.stringContaining(param) } });
    }
    await managed.make("/user/delete", { user_ids: ["ada"] });
    expect((await managed.call("GET", "/organization/info?organization_id=acme")).body).toMatchObject({ members: [] });
    expect((await managed.call("DELETE", "/organization/delete", { organization_ids: ["other"] })).status).toBe(200);
    expect((await managed.call("GET", "/audit?kind=organization_member")).body).toMatchObject({ total: 4 });
  });
});

/** The organization acme, whose admin is ada, with the team research; the organization other of eve. */
async function makeOrganizations(managed: ManagedProxy): Promise<{ readonly ada: string; readonly bob: string }> {
  const [ada, bob] = [await managed.user("ada"), await managed.user("bob")];
  await managed.user("eve");
  for (const [organization_id, team_id, user_id] of [
    ["acme", "research", "ada"],
    ["other", "theirs", "eve"],
  ] as const) {
    await managed.make("/organization/new", { organization_id });
    await managed.make("/team/new", { team_id, organization_id });
    await managed.make("/organization/member_add", { organization_id, member: { user_id, role: "org_admin" } });
  }
  return { ada, bob };
}
