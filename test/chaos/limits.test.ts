import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { startSimulator } from "../simulator/simulator.ts";
import { eventually } from "../support/eventually.ts";
import { needs } from "../support/programs.ts";
import { postRerank } from "../support/post-rerank.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { openConnection } from "../support/raw-connection.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";

const teamKey = "sk-team";
const limit = 2_000;
const perRequest = 100;
const documents = Array.from({ length: perRequest }, (_, position) => `document ${position}`);

describe("the documents of a minute", () => {
  it.each([10, 200])(
    "are never more than the limit, of two workers with %i requests at one time",
    async (concurrency) => {
      await using upstream = await startSimulator();
      await using folder = await createFolder({ "config.yaml": configuration(upstream.url) });
      const proxy = await startProxy(`${folder.path}/config.yaml`, { TEAM_KEY: teamKey }, "--num_workers", "2");
      try {
        const started = performance.now();
        const letIn = await rush([proxy], concurrency, 200);
        const minutes = 1 + Math.floor((performance.now() - started) / 60_000);
        expect(letIn).toBeLessThanOrEqual(minutes * limit);
        expect(letIn).toBeGreaterThanOrEqual(limit);
      } finally {
        await proxy.stop();
      }
    },
  );

  it.each([10, 200, 1_000])(
    "are never more than the limit, of two proxies with %i requests at one time over the end of the minute",
    needs("redis-server"),
    async (concurrency) => {
      await using upstream = await startSimulator();
      await using redis = await startRedisServer();
      await using folder = await createFolder({ "config.yaml": configuration(upstream.url, redis) });
      const start = (): Promise<ProxyProcess> => startProxy(`${folder.path}/config.yaml`, { TEAM_KEY: teamKey });
      const proxies = await Promise.all([start(), start()]);
      try {
        const started = performance.now();
        const load = rush(proxies, concurrency, Math.max(200, concurrency));
        await eventually(() => inRedis(redis, "HGET", countOfDocuments, "used")).toBe(String(limit));
        // As if the minute were over.
        await inRedis(redis, "HINCRBY", countOfDocuments, "began", "-60000");
        const letIn = (await load) + (await rush(proxies, concurrency, Math.max(200, concurrency)));
        const minutes = 2 + Math.floor((performance.now() - started) / 60_000);
        expect(letIn).toBeLessThanOrEqual(minutes * limit);
        expect(letIn).toBeGreaterThanOrEqual(2 * limit);
      } finally {
        await Promise.all(proxies.map((proxy) => proxy.stop()));
      }
    },
  );
});

const countOfDocuments = `"dheera-ai:{limit}:documents:key ${createHash("sha256").update(teamKey).digest("hex")}"`;

/** Sends requests to the proxies in turn. @returns the documents that were let in */
async function rush(proxies: readonly ProxyProcess[], concurrency: number, requests: number): Promise<number> {
  let sent = 0;
  let letIn = 0;
  const client = async (): Promise<void> => {
    while (sent < requests) {
      const { url = "" } = proxies[sent++ % proxies.length] ?? {};
      const { status, body } = await postRerank(url, { model: "reranker", query: `query ${sent}`, documents }, teamKey);
      expect([200, 429]).toContain(status);
      if (status === 200) letIn += perRequest;
      // On a busy machine Redis may not answer in time, and then nothing is let in.
      else if (body.message?.includes("cannot be checked")) sent--;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return letIn;
}

function configuration(upstream: string, redis?: RedisServer): string {
  return `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${upstream}" }
general_settings:
  rate_limit_failure: closed
  keys: [{ name: team, key: os.environ/TEAM_KEY, dpm: ${limit} }]
${redis ? `router_settings: { redis_host: ${redis.host}, redis_port: ${redis.port} }` : ""}
`;
}

/** The last line of Redis' answer to a command. */
async function inRedis({ url }: RedisServer, ...words: readonly string[]): Promise<string> {
  const connection = await openConnection(url);
  connection.say(`${words.join(" ")}\r\nPING\r\n`);
  const lines = (await connection.hear("+PONG")).split("\r\n");
  connection.close();
  return lines[lines.indexOf("+PONG") - 1] ?? "";
}
