import { hashKey } from "../../apps/proxy/src/access/hash-key.ts";
import { type Listening } from "../proxy/processes.ts";
import { masterKey, modelName, startWith, type Runtime } from "../proxy/servers/gateway.ts";
import { largeShape, smallShape } from "../proxy/load/shapes.ts";

/** What a proxy counts and remembers, and where. */
export const settings = ["plain", "limits", "redis limits", "redis"] as const;
export type Setting = (typeof settings)[number];

export const inWords: Readonly<Record<Setting, string>> = {
  plain: "no limits, no Redis",
  limits: "rpm and dpm of a key, no Redis",
  "redis limits": "rpm and dpm of a key in Redis",
  redis: "the same, and scores in Redis",
};

export const callerKey = "sk-of-the-caller";

interface Contending {
  readonly setting: Setting;
  readonly workers: number;
  readonly upstream: string;
  /** The address of a Redis. */
  readonly redis: string;
  readonly runtime: Runtime;
  readonly environment: Readonly<Record<string, string>>;
}

/** The built proxy, for both shapes, with limits that nothing reaches. */
export function startContender(contending: Contending): Promise<Listening> {
  const { setting, workers, upstream, redis, runtime, environment } = contending;
  const isLimited = setting !== "plain";
  const usesRedis = setting === "redis" || setting === "redis limits";
  const config = {
    model_list: [smallShape, largeShape].map((shape) => ({
      model_name: modelName(shape),
      dheera_ai_params: {
        model: "huggingface/bench/reranker",
        api_base: `${upstream}/${shape.documents}`,
        api_key: "key",
      },
    })),
    general_settings: {
      master_key: masterKey,
      keys: [{ name: "search", key: hashKey(callerKey), ...(isLimited && { rpm: 1e9, dpm: 1e9 }) }],
    },
    ...(usesRedis && { router_settings: { redis_url: redis } }),
    ...(setting === "redis" && {
      dheera_ai_settings: { cache: true, cache_params: { type: "redis", url: redis, max_size_mb: 16, ttl: 60 } },
    }),
  };
  return startWith(runtime, config, { workers, environment });
}
