import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { oracleRanking } from "../simulator/oracle.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { postRerank } from "../support/post-rerank.ts";
import { eventually } from "../support/eventually.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { openConnection } from "../support/raw-connection.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";

const masterKey = "sk-master";
const teamKey = "sk-team";
const documents = Array.from({ length: 20 }, (_, position) => `document ${position} about bridges`);

describe("two proxies that share a Redis", needs("redis-server"), () => {
  const stack = new AsyncDisposableStack();
  let redis: RedisServer;
  let upstream: Simulator;
  let proxies: readonly [ProxyProcess, ProxyProcess];

  beforeAll(async () => {
    redis = await startRedisServer();
    stack.defer(() => redis.stop());
    upstream = stack.use(await startSimulator());
    const folder = stack.use(await createFolder({ "config.yaml": configuration(upstream.url, redis) }));
    const start = (): Promise<ProxyProcess> => startProxy(`${folder.path}/config.yaml`, { TEAM_KEY: teamKey });
    proxies = await Promise.all([start(), start()]);
  });

  afterAll(async () => {
    await using _stack = stack;
    expect(await Promise.all(proxies.map((proxy) => proxy.stop()))).toEqual([0, 0]);
  });

  it("share scores: what one computed the other only looks up", async () => {
    let attempt = 0;
    // A proxy does without Redis when that takes longer than 50 ms, as on a busy machine it may: then other scores are
    // asked for.
    await eventually(async () => {
      const request = { model: "reranker", query: `shared? ${attempt++}`, documents };
      const keys = await countKeys(redis);
      const first = await postRerank(proxies[0].url, request, masterKey);
      expect(first.headers.get("x-dheera-cache-misses")).toBe("20");
      // What has not come by then was given up, and never comes.
      for (let looks = 0; looks < 500 && (await countKeys(redis)) < keys + 20; looks++);
      const pairs = upstream.stats.pairsScored;
      const second = await postRerank(proxies[1].url, request, masterKey);
      expect(second.body.results).toEqual(first.body.results);
      const { cached_documents } = second.body.meta;
      return [second.headers.get("x-dheera-cache-hits"), cached_documents, upstream.stats.pairsScored - pairs];
    }).toEqual(["20", 20, 0]);
  });

  it("share the limits of a key", async () => {
    const statuses: number[] = [];
    for (let request = 0; request < 8; request++) {
      const { status } = await postRerank(
        proxies[request % 2 === 0 ? 0 : 1].url,
        { model: "reranker", query: "limited?", documents },
        teamKey,
      );
      statuses.push(status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
  });

  it.each([
    ["is killed and started again", { hurt: () => redis.kill(), heal: () => redis.start() }],
    ["hangs and comes back", { hurt: async () => redis.freeze(), heal: async () => redis.thaw() }],
  ])("lose no request when Redis %s under load", async (_, { hurt, heal }) => {
    const answers: Promise<void>[] = [];
    const ask = (round: number): void => {
      const query = `round ${round % 7}`;
      answers.push(
        postRerank(proxies[round % 2 === 0 ? 0 : 1].url, { model: "reranker", query, documents }, masterKey).then(
          ({ status, body }) => {
            expect(status).toBe(200);
            expect(body.results.map(({ index }) => index)).toEqual(
              oracleRanking(query, documents).map(({ index }) => index),
            );
          },
        ),
      );
    };
    // The clients are in step with what happens to Redis: before, while it is away, after.
    for (let round = 0; round < 30; round++) ask(round);
    await hurt();
    for (let round = 30; round < 60; round++) ask(round);
    await Promise.all(answers);
    await heal();
    for (let round = 60; round < 90; round++) ask(round);
    await Promise.all(answers);
    expect(answers).toHaveLength(90);
  });
});

describe("when rate limits cannot be checked", needs("redis-server"), () => {
  it.each([
    ["open", 200],
    ["closed", 429],
  ])("rate_limit_failure: %s answers %i", async (failure, status) => {
    await using upstream = await startSimulator();
    await using redis = await startRedisServer();
    await using folder = await createFolder({
      "config.yaml": configuration(upstream.url, redis, `  rate_limit_failure: ${failure}`),
    });
    const proxy = await startProxy(`${folder.path}/config.yaml`, { TEAM_KEY: teamKey });
    try {
      await redis.kill();
      expect(await postRerank(proxy.url, { model: "reranker", query: "q", documents: ["a"] }, teamKey)).toMatchObject({
        status,
      });
    } finally {
      await proxy.stop();
    }
  });
});

function configuration(upstream: string, { host, port }: RedisServer, general = ""): string {
  return `
model_list:
  - model_name: reranker
    dheera_ai_params:
      model: huggingface/simulated/reranker
      api_base: ${upstream}
general_settings:
  master_key: ${masterKey}
${general}
  keys:
    - name: team
      key: os.environ/TEAM_KEY
      rpm: 5
router_settings:
  redis_host: ${host}
  redis_port: ${port}
dheera_ai_settings:
  cache: true
  cache_params:
    type: redis
    host: ${host}
    port: ${port}
`;
}

/** How much is in a Redis: scores alone, before a key has limits to count. */
async function countKeys({ url }: RedisServer): Promise<number> {
  const connection = await openConnection(url);
  connection.say("DBSIZE\r\n");
  const answer = await connection.hear("\r\n");
  connection.close();
  return Number(answer.slice(1));
}
