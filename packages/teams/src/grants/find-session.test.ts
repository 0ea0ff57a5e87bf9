import { expect, it } from "vitest";

import type { Database } from "../database/open-database.ts";
import { describeOnEachDatabase } from "../testing/each-database.ts";
import { openedTeams } from "../testing/opened-teams.ts";
import { sessionFinder } from "./find-session.ts";

type Plugin = Parameters<Database["db"]["withPlugin"]>[0];

describeOnEachDatabase("sessions", ({ createDatabase }) => {
  it("are looked for by one query at a time, however many invented cookies come at once", async () => {
    await using teams = await openedTeams(await createDatabase());
    const { db } = teams.database;
    const nobody = { user_id: null, key_hash: null, master_proof: null, id_token: null, created_at: 1, expires: 2 };
    await db
      .insertInto("dheera_sessions")
      .values({ ...nobody, session_hash: "real" })
      .execute();
    const queries = countQueries();
    const find = sessionFinder({ db: db.withPlugin(queries.plugin) });
    const invented = Array.from({ length: 700 }, (_, index) => `invented ${index}`);
    const found = await Promise.all([...invented, "real", "real"].map((hash) => find(hash)));
    expect(found.map((row) => row?.session_hash)).toEqual([...invented.map(() => undefined), "real", "real"]);
    expect(queries).toMatchObject({ asked: 4, mostAtOnce: 1 });
  });
});

/** Counts the queries that are asked, and those that run at one time. */
function countQueries(): { readonly plugin: Plugin; readonly asked: number; readonly mostAtOnce: number } {
  let running = 0;
  const counts = { asked: 0, mostAtOnce: 0 };
  const plugin: Plugin = {
    transformQuery({ node }) {
      counts.asked++;
      counts.mostAtOnce = Math.max(counts.mostAtOnce, ++running);
      return node;
    },
    transformResult: async ({ result }) => {
      running--;
      return result;
    },
  };
  return Object.assign(counts, { plugin });
}
