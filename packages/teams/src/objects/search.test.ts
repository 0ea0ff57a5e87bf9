import { expect, it } from "vitest";

import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";

const master = { name: "master" };
const firstPage = { page: 1, size: 10 };

describeOnEachDatabase("rows are found", ({ createDatabase }) => {
  it("by a part of their names, in small letters or large ones", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores } = teams;
    await stores.teams.create(master, { team_id: "t-1", team_alias: "Search and Find" });
    await stores.teams.create(master, { team_id: "searchers" });
    await stores.teams.create(master, { team_id: "t-2", team_alias: "Others" });
    await stores.users.create(master, { user_id: "u-1", user_email: "Ada@example.org" });
    await stores.users.create(master, { user_id: "ada-2", user_alias: "The second" });
    await stores.users.create(master, { user_id: "bob" });
    await stores.members.set(master, "t-1", "ada-2", {});
    for (const key_alias of ["nightly", "Nightly 2", "laptop"])
      await stores.keys.create(master, { key_alias, ...(key_alias === "nightly" && { team_id: "t-1" }) });

    expect((await stores.teams.list({ search: "sEARch" }, firstPage)).rows.map(({ team_id }) => team_id)).toEqual(
      expect.arrayContaining(["t-1", "searchers"]),
    );
    expect((await stores.teams.list({ search: "search" }, firstPage)).total).toBe(2);
    expect((await stores.teams.list({ search: "search", user_id: "ada-2" }, firstPage)).total).toBe(1);
    expect((await stores.users.list({ search: "ADA" }, firstPage)).total).toBe(2);
    expect((await stores.users.list({ search: "second", team_id: "t-1" }, firstPage)).total).toBe(1);
    expect((await stores.keys.list({ search: "NIGHT" }, firstPage)).total).toBe(2);
    expect((await stores.keys.list({ search: "NIGHT", team_id: "t-1" }, firstPage)).total).toBe(1);
    expect((await stores.audit.list({ search: "T-1/ada" }, firstPage)).total).toBe(1);
    expect((await stores.keys.list({ search: "nobody" }, firstPage)).total).toBe(0);
  });

  it("with what stands for any letters elsewhere taken as it is", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { stores } = teams;
    for (const key_alias of ["100%", "a_b", "a!b", "a\\b", "axb"]) await stores.keys.create(master, { key_alias });
    for (const [search, found] of [
      ["%", ["100%"]],
      ["a_b", ["a_b"]],
      ["!", ["a!b"]],
      ["\\", ["a\\b"]],
      ["' or 1 = 1 --", []],
    ] as const) {
      const { rows } = await stores.keys.list({ search }, firstPage);
      expect(rows.map(({ key_alias }) => key_alias)).toEqual(found);
    }
  });
});
