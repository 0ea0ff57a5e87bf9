import { describe, expect, it } from "vitest";

import { startSimulator } from "../simulator/simulator.ts";
import { eventually } from "../support/eventually.ts";
import { postRerank } from "../support/post-rerank.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { createFolder } from "../support/temporary-folder.ts";

const masterKey = "sk-master";
const permits = 18;
const documents = ["a bridge", "a river"];

describe("three proxies before one server", needs("redis-server"), () => {
  it("share its permits while one is killed, and Redis is killed and started again", async () => {
    await using redis = await startRedisServer();
    await using server = await startSimulator({ maxConcurrentRequests: permits, millisecondsPerBatch: 5 });
    await using folder = await createFolder({ "config.yaml": configuration(server.url, redis) });
    const start = (): Promise<ProxyProcess> => startProxy(`${folder.path}/config.yaml`);
    await using one = await start();
    await using other = await start();
    await using doomed = await start();
    await using load = new Load([one, other, doomed]);
    await eventually(() => allowedOf(one, other, doomed)).toEqual([6, 6, 6]);

    load.forget(doomed);
    doomed.signal("SIGKILL");
    await eventually(() => allowedOf(one, other)).toEqual([9, 9]);

    await redis.kill();
    const { answered } = load;
    await eventually(() => load.answered).toBeGreaterThan(answered + 100);
    await redis.start();
    await eventually(() => allowedOf(one, other)).toEqual([9, 9]);

    await load.end();
    expect(load.statuses).toEqual(new Set([200]));
    expect(await Promise.all([one.stop(), other.stop()])).toEqual([0, 0]);
  });
});

function configuration(upstream: string, { url }: RedisServer): string {
  return `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${upstream}" }
general_settings:
  master_key: ${masterKey}
router_settings:
  redis_url: ${url}
`;
}

/** What each may have in flight, as its metrics say. */
function allowedOf(...proxies: readonly ProxyProcess[]): Promise<readonly number[]> {
  return Promise.all(
    proxies.map(async ({ url }) => {
      const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${masterKey}` } });
      return Number(/^dheera_ai_deployment_documents_allowed\{.*\} (\d+)$/m.exec(await response.text())?.[1]);
    }),
  );
}

/** Clients that ask each proxy for more than it may have in flight. */
class Load implements AsyncDisposable {
  answered = 0;
  readonly statuses = new Set<number>();
  readonly #forgotten = new Set<ProxyProcess>();
  readonly #clients: readonly Promise<void>[];
  #isEnded = false;

  constructor(proxies: readonly ProxyProcess[]) {
    this.#clients = proxies.flatMap((proxy, at) =>
      Array.from({ length: 16 }, (_, client) => this.#ask(proxy, at, client)),
    );
  }

  /** What becomes of its requests does not count any more. */
  forget(proxy: ProxyProcess): void {
    this.#forgotten.add(proxy);
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    await Promise.all(this.#clients);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  async #ask(proxy: ProxyProcess, at: number, client: number): Promise<void> {
    for (let request = 0; !this.#isEnded && !this.#forgotten.has(proxy); request++) {
      const body = { model: "reranker", query: `${at} ${client} ${request}`, documents };
      const answer = await postRerank(proxy.url, body, masterKey).catch((error: unknown) => {
        if (!this.#forgotten.has(proxy)) throw error;
      });
      if (!answer || this.#forgotten.has(proxy)) return;
      this.statuses.add(answer.status);
      this.answered++;
    }
  }
}
