import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { startManagedProxy } from "../../fixtures/start-managed-proxy.ts";
import { newDatabase } from "../../fixtures/stage-teams.ts";
import { mostMembers } from "./memberships.ts";

it(
  "says of members that are left out who can list them, whom admins of teams and organizations may ask",
  { timeout: 120_000 },
  async () => {
    const url = await newDatabase();
    await using managed = await startManagedProxy({ url });
    const ada = await managed.user("ada");
    const olga = await managed.user("olga");
    const member = { user_id: "ada", role: "admin" };
    await managed.make("/organization/new", { organization_id: "o" });
    await managed.make("/organization/member_add", {
      organization_id: "o",
      member: { user_id: "olga", role: "org_admin" },
    });
    await managed.make("/team/new", { team_id: "t", organization_id: "o", members_with_roles: [member] });
    using file = new DatabaseSync(url.slice("sqlite:".length));
    for (const [table, id] of [
      ["dheera_users", "ada"],
      ["dheera_members", "ada"],
      ["dheera_users", "olga"],
      ["dheera_organization_members", "olga"],
    ] as const)
      file.exec(`
      create temporary table many as
        with recursive n(i) as (select 1 union all select i + 1 from n where i < ${mostMembers})
        select one.* from ${table} one, n where user_id = '${id}';
      update many set user_id = user_id || '-' || rowid;
      insert into ${table} select * from many;
      drop table many;
    `);
    for (const [key, path, remedy] of [
      [ada, "/team/info?team_id=t", "ask a proxy admin to list them with /user/list and team_id"],
      [
        olga,
        "/organization/info?organization_id=o",
        "ask a proxy admin to list them with /user/list and organization_id",
      ],
    ] as const) {
      const { body } = await managed.call("GET", path, undefined, key);
      expect(body["warnings"]).toContain(`members: these are the first ${mostMembers}, and there are more; ${remedy}`);
      expect((await managed.call("GET", "/user/list", undefined, key)).status).toBe(403);
    }
    expect((await managed.call("GET", "/user/list?team_id=t")).body).toMatchObject({ total: mostMembers + 1 });
  },
);
