import cluster from "node:cluster";
import { once } from "node:events";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { ConfigError } from "../config/config-error.ts";
import { memoryLog } from "../fixtures/memory-log.ts";
import { openSocket, rawRequest } from "../fixtures/raw-request.ts";
import { serveHttp } from "../fixtures/serve-http.ts";
import { oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { scoreByNumber, sendJson, startUpstream } from "../fixtures/start-upstream.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { startServer } from "./start-server.ts";

const request = { model: "bge", query: "q", documents: ["0.1", "0.9"] };
const bm25 = "model_list: [{ model_name: bge, dheera_ai_params: { model: bm25/default } }]";

describe("startServer", () => {
  it("listens on the address and port it is given, and says where", async () => {
    await using proxy = await startProxy({ yaml: bm25 });
    expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}`);
    expect((await proxy.post("/rerank", request)).status).toBe(200);
  });

  it("fails with every problem of the configuration, and leaves nothing open", async () => {
    await using folder = await temporaryFolder({ "config.yaml": "model_list: 1\nplugin: 2" });
    const started = startServer({
      configPath: join(folder.path, "config.yaml"),
      environment: {},
      host: "127.0.0.1",
      port: 0,
    });
    const error: unknown = await started.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ problems: [{ key: "model_list" }, { key: "plugin" }] });
  });

  it("fails at the entry whose parameters a provider refuses", async () => {
    await using folder = await temporaryFolder({
      "config.yaml": `${bm25.replace("]", "")},\n  { model_name: wrong, dheera_ai_params: { model: bm25/other } }]`,
    });
    const configPath = join(folder.path, "config.yaml");
    await expect(startServer({ configPath, environment: {}, host: "127.0.0.1", port: 0 })).rejects.toThrow(
      `${configPath}:2:3  model_list[1]: bm25 has one model, bm25/default; "other" is not known`,
    );
  });

  it("fails when the port is taken", async () => {
    await using proxy = await startProxy({ yaml: bm25 });
    await expect(startProxy({ yaml: bm25, port: proxy.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("needs a configuration", async () => {
    await expect(startServer({ environment: {} })).rejects.toThrow("configPath or a config");
  });

  it("logs what an operator should know", async () => {
    const log = memoryLog();
    await using folder = await temporaryFolder({
      "config.yaml": `${bm25}\nlitellm_settings: { drop_params: true }\n`,
    });
    await using _proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
    expect(log.lines).toEqual([
      `warn: ${join(folder.path, "config.yaml")}:2 litellm_settings.drop_params has no effect here`,
    ]);
  });
});

describe("stopping", () => {
  it("fails readiness, lets requests in flight finish, and then releases the port", async () => {
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    await using upstream = await startUpstream(async (call) => {
      asked.resolve();
      await go.promise;
      scoreByNumber(call);
    });
    const proxy = await startProxy({ yaml: oneModel(upstream.url), shutdownTimeout: 20 });
    const inFlight = proxy.post("/rerank", request);
    await asked.promise;
    const closed = proxy.close();

    const readiness = await proxy.get("/health/readiness");
    expect([readiness.status, await readiness.json()]).toEqual([503, { status: "shutting_down" }]);
    expect(readiness.headers.get("connection")).toBe("close");
    expect((await proxy.get("/health/liveliness")).status).toBe(503);
    const late = proxy.post("/rerank", request);
    go.resolve();
    expect([(await inFlight).status, (await late).status]).toEqual([200, 200]);
    await closed;
    await expect(proxy.get("/health/readiness")).rejects.toThrow();
  });

  it("cuts off requests that take too long, and cancels their calls", async () => {
    const asked = Promise.withResolvers<void>();
    await using upstream = await startUpstream(() => asked.resolve());
    const proxy = await startProxy({ yaml: oneModel(upstream.url), shutdownTimeout: 0.3 });
    const inFlight = proxy.post("/rerank", request).then(
      () => "answered",
      () => "cut off",
    );
    await asked.promise;
    await proxy.close();
    expect(await inFlight).toBe("cut off");
    await expect.poll(() => upstream.aborted).toBe(1);
  });

  it("closes idle connections", async () => {
    const proxy = await startProxy({ yaml: bm25, shutdownTimeout: 20 });
    const socket = await openSocket(proxy.url);
    socket.resume();
    const hungUp = once(socket, "close");
    await Promise.all([proxy.close(), proxy.close()]);
    await hungUp;
  });
});

describe("taking up a changed configuration", () => {
  it("happens when the file changes; requests in flight finish on the gateway they began with", async () => {
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    await using slow = await startUpstream(async (call) => {
      asked.resolve();
      await go.promise;
      scoreByNumber(call);
    });
    await using quick = await startUpstream();
    await using folder = await temporaryFolder({ "config.yaml": oneModel(slow.url) });
    const log = memoryLog();
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
    const inFlight = proxy.post("/rerank", request);
    await asked.promise;

    await folder.write("config.yaml", `${oneModel(quick.url)}general_settings: { max_documents: 2 }\n`);
    await expect.poll(() => log.lines).toContain("info: the configuration was taken up anew");
    expect((await proxy.post("/rerank", request)).status).toBe(200);
    expect((await proxy.post("/rerank", { ...request, documents: ["1", "2", "3"] })).status).toBe(400);
    expect(quick.requests).toHaveLength(1);
    go.resolve();
    expect((await inFlight).status).toBe(200);
  });

  it("happens on SIGHUP, keeps scores and counts, and changes nothing when the file is wrong", async () => {
    await using upstream = await startUpstream();
    const settings = "dheera_ai_settings: { cache: true }\ngeneral_settings: { rpm: 3, max_documents: 5 }\n";
    await using folder = await temporaryFolder({ "config.yaml": oneModel(upstream.url, settings) });
    const log = memoryLog();
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
    expect((await proxy.post("/rerank", request)).headers.get("x-ratelimit-remaining-requests")).toBe("2");

    await folder.write("config.yaml", oneModel(upstream.url, `${settings}plugin: 1\n`));
    process.emit("SIGHUP", "SIGHUP");
    await expect.poll(() => log.lines.join("\n")).toContain("the old one stays");
    expect(log.lines.join("\n")).toMatch(
      /error: the configuration was not taken up, the old one stays: .*\n.*plugin: unknown key/,
    );
    expect((await proxy.post("/rerank", request)).status).toBe(200);

    await folder.write("config.yaml", oneModel(upstream.url, settings.replace("max_documents: 5", "max_documents: 6")));
    process.emit("SIGHUP", "SIGHUP");
    await expect.poll(() => log.lines).toContain("info: the configuration was taken up anew");
    const response = await proxy.post("/rerank", request);
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(response.headers.get("x-dheera-cache-hits")).toBe("2");
    expect(upstream.requests).toHaveLength(1);
  });

  it("loses no request, however often it happens", async () => {
    await using upstream = await startUpstream();
    await using folder = await temporaryFolder({ "config.yaml": oneModel(upstream.url) });
    const log = memoryLog();
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log, shutdownTimeout: 5 });
    const done = new AbortController();
    const statuses = new Map<number, number>();
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!done.signal.aborted) {
          const { status } = await proxy.post("/rerank", request);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }),
    );
    for (let round = 1; round <= 20; round++) {
      process.emit("SIGHUP", "SIGHUP");
      await expect
        .poll(() => log.lines.filter((line) => line.includes("taken up anew")).length)
        .toBeGreaterThanOrEqual(round);
    }
    done.abort();
    await load;
    expect([...statuses.keys()]).toEqual([200]);
  });

  it("does not happen when that is switched off", async () => {
    const before = process.listenerCount("SIGHUP");
    await using folder = await temporaryFolder({ "config.yaml": bm25 });
    await using _proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), reload: false });
    expect(process.listenerCount("SIGHUP")).toBe(before);
  });
});

describe("metrics", () => {
  const keyed = `${bm25}\ngeneral_settings: { master_key: sk-master }\n`;
  const master = { authorization: "Bearer sk-master" };

  it("are shown on the main port to callers with a key", async () => {
    await using proxy = await startProxy({ yaml: keyed });
    await proxy.post("/rerank", request, master);
    expect((await proxy.get("/metrics")).status).toBe(401);
    const page = await (await proxy.get("/metrics", master)).text();
    expect(requestsIn(page)).toBe(1);
    expect(page).toContain('dheera_ai_deployment_state{model_id="bge-');
  });

  it("are shown on a port of their own where that is wanted, and then only there", async () => {
    const holder = await serveHttp(() => {});
    const prometheusMetricsPort = Number(new URL(holder.url).port);
    await holder[Symbol.asyncDispose]();
    await using proxy = await startProxy({ yaml: keyed, prometheusMetricsPort });
    await proxy.post("/rerank", request, master);
    expect((await proxy.get("/metrics", master)).status).toBe(404);
    expect(requestsIn(await (await fetch(`http://127.0.0.1:${prometheusMetricsPort}/metrics`)).text())).toBe(1);
  });

  it("of several processes are added up, whichever is asked", async () => {
    await using folder = await temporaryFolder({ "config.yaml": keyed });
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), numWorkers: 2 });
    for (let i = 0; i < 6; i++) await proxy.post("/rerank", request, { ...master, connection: "close" });
    for (let i = 0; i < 4; i++)
      expect(requestsIn(await (await proxy.get("/metrics", { ...master, connection: "close" })).text())).toBe(6);
  });
});

/** Rerank requests that a page of metrics counts. */
function requestsIn(page: string): number {
  const lines = page
    .split("\n")
    .filter(
      (line) => line.startsWith("dheera_ai_proxy_total_requests_metric_total{") && line.includes('route="/rerank"'),
    );
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe("several processes", () => {
  it("share a port, count rates together and divide what runs in parallel", async () => {
    const log = memoryLog();
    await using folder = await temporaryFolder({
      "config.yaml": `${bm25}\ngeneral_settings: { keys: [{ name: a, key: os.environ/A, rpm: 6 }] }\n`,
    });
    const proxy = await startProxy({
      configPath: join(folder.path, "config.yaml"),
      environment: { A: "sk-a" },
      numWorkers: 2,
      log,
    });
    try {
      const headers = { authorization: "Bearer sk-a", connection: "close" };
      const statuses: number[] = [];
      for (let i = 0; i < 8; i++) statuses.push((await proxy.post("/rerank", request, headers)).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);

      process.emit("SIGHUP", "SIGHUP");
      await expect
        .poll(() => log.lines.filter((line) => line.startsWith("info: the configuration was taken up anew")).toSorted())
        .toEqual([
          'info: the configuration was taken up anew {"worker":0}',
          'info: the configuration was taken up anew {"worker":1}',
        ]);
    } finally {
      await proxy.close();
    }
    await expect(proxy.get("/health/readiness")).rejects.toThrow();
  });

  it("replace one of them that died", async () => {
    const log = memoryLog();
    await using folder = await temporaryFolder({ "config.yaml": bm25 });
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), numWorkers: 2, log });
    const [victim] = Object.values(cluster.workers ?? {});
    victim?.process.kill("SIGKILL");
    await expect.poll(() => log.lines.join("\n")).toMatch(/error: worker \d ended \(.*\); another takes its place/);
    expect((await proxy.post("/rerank", request, { connection: "close" })).status).toBe(200);
    await expect
      .poll(() => Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected()).length)
      .toBe(2);
    for (let i = 0; i < 4; i++)
      expect((await proxy.post("/rerank", request, { connection: "close" })).status).toBe(200);
  });

  it("fail together when the configuration is wrong", async () => {
    await using folder = await temporaryFolder({ "config.yaml": "model_list: []" });
    await expect(startProxy({ configPath: join(folder.path, "config.yaml"), numWorkers: 2 })).rejects.toBeInstanceOf(
      ConfigError,
    );
  });

  it("fail together when a process cannot start", async () => {
    await using folder = await temporaryFolder({ "config.yaml": `${bm25}\nplugins: [./missing.js]` });
    const error: unknown = await startProxy({ configPath: join(folder.path, "config.yaml"), numWorkers: 2 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      problems: [{ line: 2, key: "plugins[0]", message: expect.stringContaining("./missing.js cannot be loaded") }],
    });
  });
});

describe("hostile connections", () => {
  it.each([
    [
      "headers without end",
      `GET /health/liveliness HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
      "431 Request Header Fields Too Large",
    ],
    ["what is no HTTP", "hello\r\n\r\n", "400 Bad Request"],
    ["a broken host", "GET /health/liveliness HTTP/1.1\r\nhost: a b/\r\n\r\n", "400 Bad Request"],
    [
      "two lengths",
      "POST /rerank HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
      "400 Bad Request",
    ],
  ])("that send %s are refused in JSON", async (_name, said, status) => {
    await using proxy = await startProxy({ yaml: bm25 });
    const answer = await rawRequest(proxy.url, said.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toContain(status);
    expect(JSON.parse(body)).toMatchObject({ message: expect.any(String), error: { type: "invalid_request_error" } });
    expect((await proxy.post("/rerank", request)).status).toBe(200);
  });

  it("that speak HTTP/1.0 without a host are answered", async () => {
    await using proxy = await startProxy({ yaml: bm25 });
    expect(await rawRequest(proxy.url, "GET /health/readiness HTTP/1.0\r\n\r\n")).toContain("200 OK");
  });

  it("that send slowly do not slow other clients", async () => {
    await using proxy = await startProxy({ yaml: bm25 });
    const slow = await Promise.all(Array.from({ length: 50 }, () => openSocket(proxy.url)));
    for (const socket of slow)
      socket.write("POST /rerank HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{");
    expect((await proxy.post("/rerank", request)).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });
});

describe("an uncaught error", () => {
  it("is logged and ends no other request", async () => {
    await using folder = await temporaryFolder({
      "config.yaml": `model_list: [{ model_name: bge, dheera_ai_params: { model: careless/x } }]\nplugins: [./careless.js]`,
      "careless.js": `
        export default {
          name: "careless",
          connect: () => ({
            profile: () => ({ scoring: "pointwise", scoreKind: "unknown", billing: "compute", fingerprint: "x", limits: {} }),
            score: async ({ documents }) => {
              process.emit("unhandledRejection", new Error("careless"), Promise.resolve());
              return { scores: documents.map((_, index) => ({ index, score: index })) };
            },
          }),
        };`,
    });
    const log = memoryLog();
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
    expect((await proxy.post("/rerank", request)).status).toBe(200);
    expect(log.lines.join("\n")).toContain("error: an error was caught nowhere");
  });
});

it("keeps secrets: no key is in any log line or answer", async () => {
  const log = memoryLog();
  await using upstream = await startUpstream(({ outgoing }) =>
    sendJson(outgoing, { error: "Bearer sk-upstream is wrong" }, {}, 401),
  );
  const yaml = oneModel(upstream.url, "general_settings: { master_key: sk-master }", "api_key: sk-upstream");
  await using proxy = await startProxy({ yaml, log });
  const answers = [
    await proxy.post("/rerank", request, { authorization: "Bearer sk-master" }),
    await proxy.post("/rerank", request, { authorization: "Bearer sk-guess" }),
    await proxy.get("/health", { authorization: "Bearer sk-master" }),
  ];
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect([...texts, ...log.lines].join("\n")).not.toMatch(/sk-(upstream|master|guess)/);
});
