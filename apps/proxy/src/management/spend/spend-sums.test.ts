import { expect, it } from "vitest";

import { openForTest } from "../../fixtures/stage-teams.ts";
import { sumSpend } from "./spend-sums.ts";

it("sums what there is, and refuses a report of more sums than anybody reads, with what to ask for", async () => {
  const teams = await openForTest("sqlite::memory:");
  for (const key of ["a", "b", "c"])
    teams.spending.book({
      request_id: key,
      call_id: key,
      at: Date.UTC(2026, 10, 27, 12),
      model: "m",
      deployment: null,
      provider: null,
      status: 200,
      cost: 2_000_000_000,
      saved_cost: 0,
      documents: 1,
      tokens: 1,
      cache_hits: 0,
      milliseconds: 1,
      payer: {
        owners: [],
        key_hash: key,
        key_name: key,
        team_id: "t",
        user_id: null,
        organization_id: null,
        tags: [],
      },
    });
  await teams.spending.flush();
  const days = { from: "2026-11-01", to: "2026-11-30" };
  expect(await sumSpend(teams, ["key_hash"], days, 3)).toHaveLength(3);
  expect(await sumSpend(teams, ["team_id"], days, 1)).toMatchObject([{ figures: { spend: 6, api_requests: 3 } }]);
  await expect(sumSpend(teams, ["key_hash"], days, 2)).rejects.toMatchObject({
    code: "invalid_request",
    param: "start_date",
    message: expect.stringContaining("more than 2 sums of these days; ask for fewer days"),
  });
});
