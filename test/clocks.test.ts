import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { needs } from "./support/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the time of day is meant: dates in headers, signatures, answers and keys, times in logs, the lifetime of tokens, ages that processes share. */
const timesOfDay = [
  "apps/proxy/src/access/check-key.ts",
  "apps/proxy/src/config/check/check-config.ts",
  "apps/proxy/src/formats/foreign/vllm-score.ts",
  "apps/proxy/src/telemetry/logs/create-log.ts",
  "packages/bedrock/src/wire/server-clock.ts",
  "packages/cache/src/memory/memory-cache.ts",
  "packages/cache/src/redis/redis-cache.ts",
  "packages/core/src/upstream/exchanged-credentials.ts",
  "packages/core/src/upstream/upstream-error.ts",
  "packages/local/src/hub/cache/partial-file.ts",
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
