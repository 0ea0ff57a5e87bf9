import type { ConfigProblem } from "../config-error.ts";
import type { BatchSettings, RedisSettings } from "../config.ts";
import type { ConfigFile } from "../read/config-file.ts";
import { isRecord } from "../read/record.ts";

/** What `batch_settings` asks for together with what it is asked with. */
interface Asked {
  readonly batch_settings: BatchSettings;
  readonly router_settings: RedisSettings;
}

/** A queue that cannot be where it should: a bucket holds no SQLite file, and nobody has said where Redis is. */
export function batchProblems(
  { batch_settings: settings, router_settings: router }: Asked,
  hasRedis: boolean,
  files: readonly ConfigFile[],
): readonly ConfigProblem[] {
  const { storage, queue } = settings;
  const file = files.findLast(({ data }) => isRecord(data["batch_settings"]));
  if (storage === undefined || !file) return [];
  if (queue === "redis" && !hasRedis)
    return [file.problem(["batch_settings", "queue"], "needs a Redis: set router_settings.redis_url or redis_host")];
  const isSqlite = queue === "sqlite" || (queue === undefined && !namesRedis(router));
  if (isSqlite && storage.startsWith("s3:"))
    return [
      file.problem(
        ["batch_settings", queue === undefined ? "storage" : "queue"],
        "a bucket holds no SQLite file: set router_settings.redis_url, and queue to redis or not at all",
      ),
    ];
  return [];
}

/** Whether `router_settings` says where Redis is. */
export function namesRedis({ redis_url, redis_host }: RedisSettings): boolean {
  return redis_url !== undefined || redis_host !== undefined;
}
