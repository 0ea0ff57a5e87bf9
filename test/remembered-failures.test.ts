import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { findProgram, needs } from "./support/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = findProgram("git") === undefined ? [] : listSources();

/**
 * A file that cannot be read for a moment, because clients hold every file descriptor, must not break a process for good.
 * Some versions of Node.js remember that a module could not be loaded, and so does every promise that is kept.
 */
describe("a failure that is over is forgotten:", needs("git"), () => {
  it("modules that are imported late are loaded at the start", () => {
    const late = ["apps/proxy/src/server", "packages/core/src"].map((folder) => ({
      source: `${folder.split("/src")[0]}/src/`,
      text: readFileSync(new URL(`../${folder}/load-late-modules.ts`, import.meta.url), "utf8"),
    }));
    const unexpected = find(/\bimport\(\s*(?:"([^"]+)"|[^)]*)\)/g).filter(
      ({ file, match: [, module = ""] }) =>
        !module.startsWith("node:") &&
        !whileStarting.has(file) &&
        !late.some(
          ({ source, text }) =>
            file.startsWith(source) && module !== "" && text.includes(`/${module.split("/").at(-1)}"`),
        ),
    );
    expect(unexpected.map(({ file, match: [text] }) => `${file}: ${text}`)).toEqual([]);
  });

  it("promises that are kept forget that they failed: rememberSuccess, or a place of this list", () => {
    const kept = find(/(?:let |#|readonly )(\w+)\??: (?:readonly )?Promise<[^;=\n]*> \| undefined/g);
    expect(kept.length).toBeGreaterThan(3);
    const unexpected = kept.filter(({ file, match: [, name] }) => !forgetting.has(`${file} ${name}`));
    expect(unexpected.map(({ file, match: [text] }) => `${file}: ${text}`)).toEqual([]);
  });
});

/** What these files import is loaded before the proxy listens, or before a command line runs. */
const whileStarting: ReadonlySet<string> = new Set([
  "apps/cli/src/batch/batch.ts",
  "apps/cli/src/batch/reading/read-parquet.ts",
  "apps/cli/src/batch/writing/write-parquet.ts",
  "apps/cli/src/commands/calibrate.ts",
  "apps/cli/src/commands/eval.ts",
  "apps/cli/src/commands/models.ts",
  "apps/cli/src/configuration.ts",
  "apps/cli/src/database/database-options.ts",
  "apps/cli/src/database/db-import-litellm.ts",
  "apps/cli/src/judging/eval-init.ts",
  "apps/cli/src/main.ts",
  "apps/cli/src/managing/list-printer.ts",
  "apps/cli/src/mcp/mcp-metrics.ts",
  "apps/cli/src/managing/spend/spend-report.ts",
  "apps/cli/src/mcp/mcp.ts",
  "apps/cli/src/open-dheera.ts",
  "apps/cli/src/read-documents.ts",
  "apps/proxy/src/reporting.ts",
  "apps/proxy/src/gateway/gateway.ts",
  "apps/proxy/src/gateway/models/load-plugins.ts",
  "apps/proxy/src/gateway/open-batches.ts",
  "apps/proxy/src/gateway/open-cache.ts",
  "apps/proxy/src/gateway/open-shared-servers.ts",
  "apps/proxy/src/gateway/open-teams.ts",
  "apps/proxy/src/gateway/open-webhooks.ts",
  "apps/proxy/src/gateway/usage-counters.ts",
  "apps/proxy/src/index.ts",
  "apps/proxy/src/server/load-late-modules.ts",
  "apps/proxy/src/server/reload/follow-added-models.ts",
  "apps/proxy/src/server/runtime/find-runtime.ts",
  "apps/proxy/src/server/start-server.ts",
  "apps/proxy/src/server/upstream/open-upstreams.ts",
  "apps/proxy/src/server/upstream/transport.ts",
  "apps/proxy/src/telemetry/logs/create-log.ts",
  "apps/proxy/src/telemetry/traces/open-tracer.ts",
  "apps/proxy/src/telemetry/traces/open-traces.ts",
  // In a browser: the page says what to do when it fails.
  "apps/proxy/src/pages/teams/sections/all-sections.ts",
  // When the queue or the storage is opened.
  "packages/batch/src/queue/redis/optional-packages.ts",
  "packages/batch/src/store/s3-store.ts",
  // When a deployment is made, for its own language.
  "packages/bm25/src/background/load-background.ts",
  "packages/bm25/src/bm25.ts",
  "packages/bm25/src/language.ts",
  // The proxy imports the packages that its models need when it makes a gateway.
  "packages/dheera-ai/src/import-package.ts",
  // In a command, which ends when it fails.
  "packages/eval/src/judging/page/judge-page.ts",
  "packages/eval/src/page/render-report.ts",
  // In a child process, which ends when it fails.
  "packages/local/src/child/load-module.ts",
  // When a deployment is made.
  "packages/llm/src/connect-llm.ts",
  "packages/local/src/provider/local-scorer.ts",
  // When the cache or the limits are opened, which connects at once.
  "packages/cache/src/redis/redis-connection.ts",
  // When the database is opened, before the proxy listens.
  "packages/teams/src/database/open-database.ts",
]);

const forgetting: ReadonlySet<string> = new Set([
  "packages/core/src/lib/remember-success.ts remembered",
  // Each is set to undefined when it has ended, however it ended.
  "packages/batch/src/queue/sqlite/database.ts syncing",
  "packages/batch/src/queue/sqlite/database.ts next",
  "apps/proxy/src/telemetry/metrics/gauges/batch-gauges.ts asking",
  "packages/core/src/deployment/deployment.ts loading",
  "packages/core/src/deployment/warm-up.ts running",
  "packages/core/src/upstream/exchanged-credentials.ts exchanging",
  "packages/huggingface/src/serverless/serverless-scorer.ts trial",
  // One part of a file, whose reader fails with it.
  "packages/batch/src/files/content.ts next",
  "packages/local/src/process/instance.ts starting",
  "packages/local/src/provider/local-scorer.ts preparing",
  "packages/teams/src/database/open-sqlite.ts made",
  "packages/teams/src/grants/change-feed.ts next",
  "packages/teams/src/grants/change-feed.ts reading",
  "packages/teams/src/events/deliver.ts looking",
  "packages/teams/src/events/open-events.ts ticking",
  "packages/teams/src/spending/booking/queue.ts booking",
  "packages/teams/src/spending/open-spending.ts removing",
  "apps/proxy/src/sharing/shared-servers.ts beating",
  "packages/cache/src/redis/redis-connection.ts following",
  "apps/proxy/src/sign-in/oidc/sso.ts opened",
  "apps/proxy/src/sign-in/tokens/public-keys.ts opening",
  // For closing alone; each try to connect is another one.
  "packages/dheera-ai/src/optional-providers.ts connecting",
  // They end with a call, or with a reload.
  "packages/core/src/dispatch/hedge.ts copy",
  "apps/proxy/src/server/reload/one-at-a-time.ts next",
  "apps/proxy/src/server/reload/one-at-a-time.ts running",
  // The child process ends when it fails.
  "packages/local/src/child/serve.ts worker",
  // It never fails.
  "packages/batch/src/queue/redis/redis-worker.ts beating",
  "packages/batch/src/queue/sqlite/sqlite-queue.ts beating",
  // A process closes once.
  "apps/proxy/src/server/batch-worker.ts closing",
  "apps/proxy/src/server/process-server.ts closing",
  "apps/proxy/src/server/workers/start-workers.ts closed",
  "apps/proxy/src/server/workers/worker.ts server",
  "packages/batch/src/worker/start-work.ts closing",
]);

function find(pattern: RegExp): readonly { readonly file: string; readonly match: RegExpExecArray }[] {
  return sources.flatMap((file) =>
    [...readFileSync(new URL(file, `file://${root}`), "utf8").matchAll(pattern)].flatMap((match) =>
      // Types are no imports.
      match.input.slice(Math.max(0, match.index - 7), match.index) === "typeof " ? [] : [{ file, match }],
    ),
  );
}

function listSources(): readonly string[] {
  const tracked = execFileSync("git", ["ls-files", "packages", "apps"], { cwd: root, encoding: "utf8" }).split("\n");
  return tracked.filter(
    (file) =>
      /^(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(file) &&
      !/\.test\.ts$|\/(fixtures|testing|contract-suite)\//.test(file),
  );
}
