import { type Teams, openTeams } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { memoryLog } from "../fixtures/memory-log.ts";
import { findPerson } from "./find-person.ts";

const tester = { name: "tester" };

it("knows a user's role and the teams they manage", async () => {
  await using teams = await open();
  const { users, members } = teams.stores;
  await users.create(tester, { user_id: "ada", user_role: "internal_user" });
  for (const [team_id, role] of [
    ["research", "admin"],
    ["search", "user"],
  ] as const) {
    await teams.stores.teams.create(tester, { team_id });
    await members.set(tester, team_id, "ada", { role });
  }
  expect(await findPerson(teams.database, "ada")).toEqual({
    userId: "ada",
    name: "ada",
    role: "internal_user",
    teams: [
      { teamId: "research", role: "admin" },
      { teamId: "search", role: "user" },
    ],
  });
});

it("lets a role that it does not know do least", async () => {
  await using teams = await open();
  await teams.stores.users.create(tester, { user_id: "ada" });
  await teams.database.db.updateTable("dheera_users").set({ user_role: "emperor" }).execute();
  expect(await findPerson(teams.database, "ada")).toMatchObject({ role: "internal_user_viewer", teams: [] });
});

it("knows nobody who is blocked or not there", async () => {
  await using teams = await open();
  await teams.stores.users.create(tester, { user_id: "ada", user_role: "proxy_admin", blocked: 1 });
  expect(await findPerson(teams.database, "ada")).toBeUndefined();
  expect(await findPerson(teams.database, "bob")).toBeUndefined();
});

async function open(): Promise<Teams & AsyncDisposable> {
  const teams = await openTeams({ database_url: "sqlite::memory:" }, { log: memoryLog(), version: "1.0.0" });
  return { ...teams, [Symbol.asyncDispose]: () => teams.close() };
}
