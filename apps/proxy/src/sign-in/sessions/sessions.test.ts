import { randomBytes } from "node:crypto";

import { type Teams, openTeams } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { memoryLog } from "../../fixtures/memory-log.ts";
import { type FoundSession, createSessions } from "./sessions.ts";

it("refuses who looks for a session while too many wait", async () => {
  await using teams = await open();
  const sessions = createSessions(teams, 3_600);
  const asked: Promise<FoundSession | undefined>[] = [];
  for (let index = 0; index < 1_100; index++) asked.push(sessions.find(randomBytes(32).toString("base64url")));
  const answers = await Promise.allSettled(asked);
  const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  expect(refused).toHaveLength(100);
  expect(refused[0]).toMatchObject({ code: "rate_limited", retryAfter: 1 });
});

async function open(): Promise<Teams & AsyncDisposable> {
  const teams = await openTeams({ database_url: "sqlite::memory:" }, { log: memoryLog(), version: "1.0.0" });
  return { ...teams, [Symbol.asyncDispose]: () => teams.close() };
}
