import { writeFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { oracleRanking } from "../simulator/oracle.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { eventually } from "../support/eventually.ts";
import { type HeldLoad, holdLoad } from "./held-load.ts";
import { postRerank } from "../support/post-rerank.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";

const masterKey = "sk-master";
const clients = 4;
const documents = Array.from({ length: 12 }, (_, position) => `document ${position} about rivers and bridges`);

describe("under load", () => {
  const stack = new AsyncDisposableStack();
  let upstream: Simulator;

  beforeAll(async () => {
    upstream = stack.use(await startSimulator());
  });

  afterAll(() => stack.disposeAsync());

  it("60 changes of the configuration, 10 of them mistakes, fail no request", async () => {
    await using folder = await createFolder({ "config.yaml": configuration(upstream.url) });
    const file = `${folder.path}/config.yaml`;
    const proxy = await startProxy(file);
    const load = holdLoad(clients, (number) => askRightly(proxy.url, number));

    for (let round = 1; round <= 60; round++) {
      const before = load.answered;
      const isMistake = round % 6 === 0;
      await writeFile(
        file,
        configuration(upstream.url, {
          name: `round-${round}`,
          rest: isMistake ? `plugins: [./absent-${round}.js]` : "",
        }),
      );
      // Every tenth change is noticed by the proxy itself.
      if (round % 10 !== 1) proxy.signal("SIGHUP");
      if (isMistake)
        await eventually(() => proxy.output()).toMatch(
          new RegExp(`the old one stays: [^]*absent-${round}\\.js cannot be loaded`),
        );
      const current = isMistake ? round - 1 : round;
      await eventually(() => modelsOf(proxy)).toEqual(["reranker", `round-${current}`]);
      await eventually(() => load.answered).toBeGreaterThan(before + clients);
    }

    await load.stop();
    expect(await proxy.stop()).toBe(0);
  }, 120_000);

  it("a rolling restart of two proxies fails no request", async () => {
    const holding = createHolding();
    await using slow = await serveHttp((request, response) => {
      if (request.url !== "/rerank") response.writeHead(404).end();
      else
        void holding
          .pass()
          .then(() => response.setHeader("content-type", "application/json").end('[{"index":0,"score":0.5}]'));
    });
    await using folder = await createFolder({ "config.yaml": configuration(upstream.url, { slow: slow.url }) });
    const start = (): Promise<ProxyProcess> => startProxy(`${folder.path}/config.yaml`);
    const proxies = await Promise.all([start(), start()]);
    const served = new Map<string, number>();
    const load = holdLoad(clients, async (number) => {
      const { url } = await askOneThatIsReady(proxies, number);
      served.set(url, (served.get(url) ?? 0) + 1);
    });

    for (const position of [0, 1] as const) {
      holding.renew();
      const old = proxies[position];
      await eventually(() => served.get(old.url) ?? 0).toBeGreaterThan(clients);
      const held = postRerank(old.url, { model: "slow", query: "q", documents: ["a"] }, masterKey);
      await holding.holds();
      const stopped = old.stop();
      // What is under way keeps it alive, so there is time to see that readiness says no while requests are still
      // served.
      await eventually(async () => (await fetch(`${old.url}/health/readiness`)).status).toBe(503);
      await askRightly(old.url, 0);
      await expectServedByOthers(load);
      holding.release();
      expect((await held).status).toBe(200);
      expect(await stopped).toBe(0);
      await expectServedByOthers(load);
      proxies[position] = await start();
    }
    for (const { url } of proxies) await eventually(() => served.get(url) ?? 0).toBeGreaterThan(clients);

    await load.stop();
    expect(await Promise.all(proxies.map((proxy) => proxy.stop()))).toEqual([0, 0]);
    expect(served.size).toBe(4);
  }, 120_000);
});

/** Reranks through one proxy and expects the right ranking. */
async function askRightly(url: string, number: number): Promise<void> {
  const query = `question ${number % 50}`;
  const { status, body } = await postRerank(url, { model: "reranker", query, documents }, masterKey);
  expect(status, body.message).toBe(200);
  expect(body.results.map(({ index }) => index)).toEqual(oracleRanking(query, documents).map(({ index }) => index));
}

/** Rounds over all proxies; a probe may come just between one that stops and one that starts. */
const mostRounds = 100;

/**
 * As a load balancer does: takes turns, and passes over proxies that are not ready or no longer listen.
 * @returns the proxy that answered
 */
async function askOneThatIsReady(proxies: readonly ProxyProcess[], number: number): Promise<ProxyProcess> {
  for (let turn = 0; turn < mostRounds * proxies.length; turn++) {
    const proxy = proxies[(number + turn) % proxies.length];
    if (!proxy || !(await isReady(proxy.url))) continue;
    try {
      await askRightly(proxy.url, number);
      return proxy;
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }
  throw new Error("no proxy is ready");
}

/** A probe that fails in any way counts as not ready. */
async function isReady(url: string): Promise<boolean> {
  try {
    const readiness = await fetch(`${url}/health/readiness`);
    await readiness.text();
    return readiness.ok;
  } catch {
    return false;
  }
}

/** No process listens there, so the request was certainly not begun. */
function isRefused(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

async function expectServedByOthers(load: HeldLoad): Promise<void> {
  const before = load.answered;
  await eventually(() => load.answered).toBeGreaterThan(before + clients);
}

async function modelsOf(proxy: ProxyProcess): Promise<readonly string[]> {
  const response = await fetch(`${proxy.url}/v1/models`, { headers: { authorization: `Bearer ${masterKey}` } });
  const { data }: { readonly data: readonly { readonly id: string }[] } = await response.json();
  return data.map(({ id }) => id);
}

/** Something that is held back, each time, until it is released. */
function createHolding() {
  let reached = Promise.withResolvers<void>();
  let released = Promise.withResolvers<void>();
  return {
    pass: (): Promise<void> => {
      reached.resolve();
      return released.promise;
    },
    /** Resolves when something is held. */
    holds: (): Promise<void> => reached.promise,
    release: (): void => {
      reached = Promise.withResolvers();
      released.resolve();
    },
    /** From now on it holds again. */
    renew: (): void => {
      released = Promise.withResolvers();
    },
  };
}

interface Differences {
  readonly name?: string;
  readonly slow?: string;
  readonly rest?: string;
}

function configuration(upstream: string, { name = "round-0", slow = upstream, rest = "" }: Differences = {}): string {
  return `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: ${upstream} }
  - model_name: ${slow === upstream ? name : "slow"}
    dheera_ai_params: { model: huggingface/simulated/slow, api_base: ${slow} }
general_settings:
  master_key: ${masterKey}
${rest}
`;
}
