import { once } from "node:events";
import { type Socket, createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

import { DheeraError, type Dheera, type DeploymentParams, type Provider, createDheera } from "@dheera-ai/core";
import { beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { findProgram, needs } from "../../../../test/support/programs.ts";
import { startRedisCluster } from "../../../../test/support/redis-cluster.ts";
import { type RedisServer, startRedisServer } from "../../../../test/support/redis-server.ts";
import { serverPort } from "../server/server-address.ts";
import { silentLog } from "../telemetry/telemetry.ts";
import { SharedServers } from "./shared-servers.ts";

let redis: RedisServer;

beforeAll(async () => {
  // Some of what is tested here needs none.
  if (findProgram("redis-server") === undefined) return undefined;
  redis = await startRedisServer();
  return () => redis.stop();
});

describe("processes that share a server", needs("redis-server"), () => {
  it("have no more in flight together than it takes, and like shares", async () => {
    await using server = new Server(16);
    const one = server.startProcess();
    const other = server.startProcess();
    server.ask(one);
    server.ask(other);
    await eventually(() => [allowed(one), allowed(other)]).toEqual([8, 8]);
    const answered = server.answered;
    await eventually(() => server.answered).toBeGreaterThan(answered + 200);
    // An eighth of the limit each, before they had heard of each other.
    expect(server.peak).toBeLessThanOrEqual(16 + 2 * 2);
    expect(server.failed).toBe(0);
  });

  it("leave nearly all to the one that needs it, and keep a little for who is idle", async () => {
    await using server = new Server(16);
    const busy = server.startProcess();
    const idle = server.startProcess();
    await idle.rerank({ model: "m", query: "first", documents: ["a"] });
    server.ask(busy);
    await eventually(() => [allowed(busy), allowed(idle)]).toEqual([15, 1]);
    server.ask(idle);
    await eventually(() => [allowed(busy), allowed(idle)]).toEqual([8, 8]);
  });

  it("give their part back when they stop", async () => {
    await using server = new Server(16);
    const one = server.startProcess();
    const other = server.startProcess();
    server.ask(one);
    const stop = server.ask(other);
    await eventually(() => [allowed(one), allowed(other)]).toEqual([8, 8]);
    await stop();
    await server.stopProcess(other);
    await eventually(() => allowed(one)).toBe(16);
  });

  it("lose their part when they die", async () => {
    await using server = new Server(16);
    const one = server.startProcess({ leaseMs: 1_000 });
    server.ask(one);
    const dead = server.startProcess({ leaseMs: 1_000 });
    server.ask(dead);
    await eventually(() => allowed(one)).toBe(8);
    server.silence(dead);
    await eventually(() => allowed(one)).toBe(16);
  });

  it("go on while Redis is away, and share again when it is back", async () => {
    await using own = await startRedisServer();
    await using server = new Server(16);
    const one = server.startProcess(mortal(own));
    const other = server.startProcess(mortal(own));
    server.ask(one);
    server.ask(other);
    await eventually(() => [allowed(one), allowed(other)]).toEqual([8, 8]);
    await own.kill();
    const answered = server.answered;
    // Alone, each has an even part, and grows slowly beyond it.
    await eventually(() => (allowed(one) ?? 0) > 8 && (allowed(other) ?? 0) > 8).toBe(true);
    expect(server.answered).toBeGreaterThan(answered + 2 * 40);
    await own.start();
    await eventually(() => [allowed(one), allowed(other)]).toEqual([8, 8]);
    expect(server.failed).toBe(0);
  });

  it("do not wait for a Redis that hangs", async () => {
    await using own = await startRedisServer();
    await using server = new Server(16);
    own.freeze();
    const one = server.startProcess(mortal(own));
    server.ask(one);
    await eventually(() => server.answered).toBeGreaterThan(50);
    await eventually(() => allowed(one)).toBe(16);
    own.thaw();
    expect(server.failed).toBe(0);
  });

  it("divide the calls of max_parallel_requests", async () => {
    await using server = new Server(1_000, { max_parallel_requests: 6 });
    const one = server.startProcess();
    const other = server.startProcess();
    server.ask(one);
    server.ask(other);
    await eventually(() => server.peakCalls).toBeGreaterThan(4);
    const { answered } = server;
    await eventually(() => server.answered).toBeGreaterThan(answered + 200);
    // One each, before they had heard of each other.
    expect(server.peakCalls).toBeLessThanOrEqual(6 + 2);
  });

  it("divide the calls of a minute, and refuse more when all are used", async () => {
    await using server = new Server(1_000, { rpm: 60 });
    const both = [1, 2].map(() => server.startProcess({ minuteMs: longMs }));
    // Each has heard of the other one when it was given more than the first call.
    for (const dheera of [...both, ...both]) expect((await server.rerank(dheera, 2)).answered).toBe(2);
    const [one, other] = await Promise.all(both.map((dheera) => server.rerank(dheera, 60)));
    expect(server.begun).toBeLessThanOrEqual(60);
    // What one still held when the other was refused is less than a beat's.
    expect(server.begun).toBeGreaterThanOrEqual(50);
    expect(Math.min(one?.answered ?? 0, other?.answered ?? 0)).toBeGreaterThanOrEqual(10);
    expect(new Set([...(one?.codes ?? []), ...(other?.codes ?? [])])).toEqual(new Set(["rate_limited"]));
  });

  it("let one process make nearly all calls of a minute at once where the others make none", async () => {
    await using server = new Server(1_000, { rpm: 200 });
    const busy = server.startProcess({ minuteMs: longMs });
    const idle = server.startProcess({ minuteMs: longMs });
    await server.rerank(idle, 1);
    expect((await server.rerank(busy, 150)).answered).toBe(150);
  });

  it("count the models of one entry with an asterisk together", async () => {
    await using server = new Server(1_000, { model: "scripted/*", rpm: 30 }, "scripted/*");
    const one = server.startProcess({ minuteMs: longMs });
    for (const model of ["scripted/a", "scripted/b"]) await server.rerank(one, 40, model);
    expect(server.begun).toBe(30);
  });

  it("keep to the calls of the minute that they hold while Redis is away, and afterwards", async () => {
    await using own = await startRedisServer();
    await using server = new Server(1_000, { rpm: 60 });
    const both = [1, 2].map(() => server.startProcess({ ...mortal(own), minuteMs: longMs }));
    for (const dheera of [...both, ...both]) await server.rerank(dheera, 2);
    await own.kill();
    // They wait for Redis, until they decide alone and what they hold is used up.
    for (const dheera of both) expect((await server.rerank(dheera, 80)).codes).toContain("rate_limited");
    expect(server.begun).toBeLessThanOrEqual(60);
    await own.start();
    await Promise.all(both.map((dheera) => server.rerank(dheera, 80)));
    expect(server.begun).toBeLessThanOrEqual(60);
  });

  it("share it through any node of a cluster of Redis", async () => {
    await using cluster = await startRedisCluster();
    await using server = new Server(15, { rpm: 1_000_000_000, max_parallel_requests: 12 });
    // One of them is at another node than the keys are, and is sent on.
    const all = cluster.nodes.map(({ url }) => server.startProcess({ url, minuteMs: longMs }));
    for (const dheera of all) server.ask(dheera);
    await eventually(() => all.map(allowed).toSorted()).toEqual([5, 5, 5]);
    const { answered } = server;
    await eventually(() => server.answered).toBeGreaterThan(answered + 200);
    expect(server.failed).toBe(0);
  });

  it("all leave a server alone that one found down, until one has been answered", async () => {
    await using server = new Server(16);
    const one = server.startProcess();
    const other = server.startProcess();
    await one.rerank({ model: "m", query: "up", documents: ["a"] });
    await other.rerank({ model: "m", query: "up", documents: ["a"] });
    server.isDown = true;
    await expect(one.rerank({ model: "m", query: "down", documents: ["a"] })).rejects.toThrow();
    await eventually(() => other.deployments()[0]?.state).toBe("cooling");
    server.isDown = false;
    const [{ id = "" } = {}] = other.deployments();
    await other.check(id);
    await eventually(() => [one, other].map((dheera) => dheera.deployments()[0]?.state)).toEqual([
      "healthy",
      "healthy",
    ]);
  });

  it("all allow themselves less when one was refused", async () => {
    await using server = new Server(16);
    const one = server.startProcess();
    const other = server.startProcess();
    server.ask(one);
    server.ask(other);
    await eventually(() => [allowed(one), allowed(other)]).toEqual([8, 8]);
    server.refusals = 1;
    await eventually(() => (allowed(one) ?? 16) + (allowed(other) ?? 16)).toBeLessThan(16);
    expect(server.failed).toBe(0);
  });
});

describe("a Redis that answers nonsense", () => {
  it.each([
    ["a text", "$5\r\nhello\r\n"],
    ["nothing", "*-1\r\n"],
    ["no rows", "*0\r\n"],
    ["texts in place of numbers", `*1\r\n*8\r\n${"$1\r\n7\r\n".repeat(8)}`],
    [
      "a part of nothing, closed for ever",
      "*1\r\n*8\r\n:1\r\n:0\r\n:0\r\n:1\r\n:0\r\n:0\r\n:9007199254740991\r\n:0\r\n",
    ],
    ["a part of everything", "*1\r\n*8\r\n:1\r\n:9007199254740991\r\n:1\r\n:1\r\n:0\r\n:0\r\n:0\r\n:0\r\n"],
    ["less than nothing", "*1\r\n*8\r\n:-1\r\n:-5\r\n:-1\r\n:-1\r\n:-1\r\n:-1\r\n:-1\r\n:-1\r\n"],
    ["an error", "-ERR no\r\n"],
  ])("does not keep a process from answering, nor let it send more than the server takes: %s", async (_, reply) => {
    await using nonsense = await startNonsense(reply);
    await using server = new Server(16);
    const one = server.startProcess(mortal(nonsense));
    server.ask(one);
    await eventually(() => nonsense.answered).toBeGreaterThan(2);
    const { answered } = server;
    await eventually(() => server.answered).toBeGreaterThan(answered + 50);
    expect(server.failed).toBe(0);
    expect(server.peak).toBeLessThanOrEqual(16);
  });
});

describe("a process with many deployments", () => {
  it("tells no more than fifty of them, or of their minutes, in one step, during which Redis serves nobody else", async () => {
    await using listener = await startNonsense("*-1\r\n");
    const models = Array.from({ length: 120 }, (_, number) => `m-${number}`);
    await using server = new Server(1_000, { rpm: 1_000 });
    const one = server.startProcess({ ...mortal(listener), models });
    const ended = await Promise.all(models.map((model) => server.rerank(one, 1, model)));
    expect(ended.map(({ answered }) => answered)).toEqual(models.map(() => 1));
    const keys = (): number => new Set(listener.said.match(/dheera-ai:\{servers\}:[^\r]+/g)).size;
    await eventually(keys).toBe(2 * models.length);
    const steps = listener.said.matchAll(/\r\nEVAL(?:SHA)?\r\n\$\d+\r\n[^\r]*\r\n\$\d+\r\n(\d+)\r\n/g);
    const sizes = [...steps].map(([, size]) => Number(size));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
  });
});

function allowed(dheera: Dheera): number | undefined {
  return dheera.deployments()[0]?.documentsAllowed;
}

/** Documents of a request: fewer than any part, so that none is divided. */
const documents = ["a", "b"];
let servers = 0;

interface ProcessOptions {
  readonly url?: string;
  readonly leaseMs?: number;
  readonly timeoutMs?: number;
  readonly minuteMs?: number;
  /** Several models, each at a server of its own, in place of the one. */
  readonly models?: readonly string[];
}

/** Of a minute that does not end while a test runs. */
const longMs = 1_000_000_000_000;

/** A Redis that is to be noticed when it does not answer. */
function mortal({ url }: { readonly url: string }): ProcessOptions {
  return { url, timeoutMs: 250 };
}

/** A server in this process, and the processes that use it. */
class Server implements AsyncDisposable {
  answered = 0;
  failed = 0;
  inFlight = 0;
  peak = 0;
  calls = 0;
  peakCalls = 0;
  isDown = false;
  /** Calls that are refused from now on. */
  refusals = 0;
  /** Calls in all. */
  begun = 0;
  readonly #limit: number;
  readonly #params: Partial<DeploymentParams>;
  readonly #model: string;
  readonly #address = `http://server-${servers++}.example`;
  readonly #processes = new Map<Dheera, SharedServers>();
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(limit: number, params: Partial<DeploymentParams> = {}, model = "m") {
    this.#limit = limit;
    this.#params = params;
    this.#model = model;
  }

  /** On a machine that stands still for long neither Redis nor a process is thought dead by mistake. */
  startProcess(options: ProcessOptions = {}): Dheera {
    const { url = redis.url, leaseMs = 600_000, timeoutMs = 60_000, minuteMs, models = [this.#model] } = options;
    const address = { url, host: undefined, port: undefined, username: undefined, password: undefined, db: undefined };
    const shared = new SharedServers({
      address,
      log: silentLog,
      workers: 1,
      leaseMs,
      timeoutMs,
      ...(minuteMs !== undefined && { minuteMs }),
    });
    const dheera = createDheera({
      providers: [this.#provider()],
      model_list: models.map((model, number) => ({
        model_name: model,
        dheera_ai_params: { model: "scripted/m", api_base: `${this.#address}/${number}`, ...this.#params },
      })),
      share: shared.share,
    });
    this.#processes.set(dheera, shared);
    return dheera;
  }

  /** So many requests at once: how many were answered, and the codes of the others. */
  async rerank(dheera: Dheera, requests: number, model = "m") {
    const ended = await Promise.allSettled(
      Array.from({ length: requests }, (_, number) => dheera.rerank({ model, query: `${number}`, documents })),
    );
    const codes = ended.flatMap((one): unknown[] => (one.status === "rejected" ? [one.reason.code] : []));
    return { answered: requests - codes.length, codes };
  }

  /** Keeps asking, more than it can have in flight. @returns what ends it */
  ask(dheera: Dheera, model = "m"): () => Promise<void> {
    const stopping = new AbortController();
    const client = async (_: unknown, number: number): Promise<void> => {
      for (let request = 0; !stopping.signal.aborted; request++)
        await dheera.rerank({ model, query: `${number} ${request}`, documents }).then(
          () => this.answered++,
          () => this.failed++,
        );
    };
    const clients = Promise.all(Array.from({ length: 20 }).map(client));
    const stop = async (): Promise<void> => {
      stopping.abort();
      await clients;
    };
    this.#stops.push(stop);
    return stop;
  }

  async stopProcess(dheera: Dheera): Promise<void> {
    await dheera.close();
    await this.#processes.get(dheera)?.close();
  }

  /** As if it were dead to Redis. */
  silence(dheera: Dheera): void {
    this.#processes.get(dheera)?.fallSilent();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    for (const dheera of this.#processes.keys()) await this.stopProcess(dheera);
  }

  #provider(): Provider {
    const limits = { documentsInFlight: this.#limit };
    return {
      name: "scripted",
      connect: () => ({
        profile: () => ({
          scoring: "pointwise",
          scoreKind: "probability",
          billing: "compute",
          fingerprint: "f",
          limits,
        }),
        score: async ({ documents: texts }) => {
          if (this.isDown) throw new DheeraError("provider_auth", "the key is not taken");
          if (this.refusals > 0) {
            this.refusals--;
            throw new DheeraError("provider_overloaded", "overloaded", { retryable: true });
          }
          this.begun++;
          this.inFlight += texts.length;
          this.peak = Math.max(this.peak, this.inFlight);
          this.peakCalls = Math.max(this.peakCalls, ++this.calls);
          for (let turns = 0; turns < 5; turns++) await turn();
          this.inFlight -= texts.length;
          this.calls--;
          return { scores: texts.map((_, index) => ({ index, score: 0.5 })) };
        },
      }),
    };
  }
}

/** Says it is a Redis, and answers every script with the same. */
async function startNonsense(reply: string) {
  let answered = 0;
  let said = "";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      said += text;
      const scripts = text.match(/\r\nEVAL/g)?.length ?? 0;
      answered += scripts;
      socket.write(scripts > 0 ? reply.repeat(scripts) : "+PONG\r\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${serverPort(server)}`,
    get answered() {
      return answered;
    },
    /** All that it was sent. */
    get said() {
      return said;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
