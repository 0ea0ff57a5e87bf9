import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { needs } from "./support/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the time of day is meant: dates in headers, signatures, answers and keys, times in logs, the lifetime of tokens, ages that processes share, what a day may cost, the times of budgets and sessions. */
const timesOfDay = [
  "apps/cli/src/managing/columns.ts",
  "apps/proxy/src/access/check-key.ts",
  "apps/proxy/src/access/spending/accounts.ts",
  "apps/proxy/src/config/check/check-config.ts",
  "apps/proxy/src/formats/foreign/vllm-score.ts",
  "apps/proxy/src/management/answers/row-answers.ts",
  "apps/proxy/src/management/rows/new-budget-time.ts",
  "apps/proxy/src/management/spend/spend-of.ts",
  "apps/proxy/src/management/spend/visible-spend.ts",
  "apps/proxy/src/pages/batches/sections/list.ts",
  "apps/proxy/src/pages/teams/sections/keys.ts",
  "apps/proxy/src/pages/teams/sections/usage.ts",
  "apps/proxy/src/routes/batches/file-links.ts",
  "apps/proxy/src/routes/management/keys.ts",
  "apps/proxy/src/routes/management/users.ts",
  "apps/proxy/src/routes/management/webhooks.ts",
  "apps/proxy/src/sign-in/people.ts",
  "apps/proxy/src/sign-in/sessions/sessions.ts",
  "apps/proxy/src/sign-in/tokens/token-keys.ts",
  "apps/proxy/src/telemetry/logs/create-log.ts",
  "packages/batch/src/open-batches.ts",
  "packages/batch/src/store/folder-store.ts",
  "packages/bedrock/src/wire/server-clock.ts",
  "packages/cache/src/memory/memory-cache.ts",
  "packages/cache/src/redis/redis-cache.ts",
  "packages/combine/src/shadow/spending.ts",
  "packages/core/src/upstream/exchanged-credentials.ts",
  "packages/core/src/upstream/upstream-error.ts",
  "packages/local/src/hub/cache/partial-file.ts",
  "packages/teams/src/database/trouble.ts",
  "packages/teams/src/events/open-events.ts",
  "packages/teams/src/grants/change-feed.ts",
  "packages/teams/src/grants/keep-grants.ts",
  "packages/teams/src/import/import-litellm.ts",
  "packages/teams/src/objects/write.ts",
  "packages/teams/src/spending/journal/adopt.ts",
  "packages/teams/src/spending/open-spending.ts",
];

it("spans of time are measured with a clock that cannot be set back", needs("git"), async () => {
  const { stdout } = await promisify(execFile)("git", ["ls-files", "packages/*/src/*", "apps/*/src/*"], { cwd: root });
  const sources = stdout
    .split("\n")
    .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|\/(fixtures|testing|contract-suite)\//.test(file));
  const texts = await Promise.all(
    sources.map(async (file) => [file, await readFile(join(root, file), "utf8")] as const),
  );
  expect(texts.filter(([, text]) => text.includes("Date.now")).map(([file]) => file)).toEqual(timesOfDay);
});
