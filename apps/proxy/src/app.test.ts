import { describe, expect, it } from "vitest";

import { createApp } from "./app.ts";
import { parseConfig } from "./config/parse-config.ts";
import { oneModel, startProxy } from "./fixtures/start-proxy.ts";
import { startUpstream } from "./fixtures/start-upstream.ts";
import { type Gateway, createGateway } from "./gateway/gateway.ts";
import { type RequestFacts, type Telemetry, silentLog } from "./telemetry/telemetry.ts";

const request = { model: "bge", query: "q", documents: ["0.1", "0.9"] };

describe("createApp", () => {
  it("serves as a plain fetch handler, to callers with a key when the peer's address is unknown", async () => {
    await using upstream = await startUpstream();
    const app = createApp(await gatewayOf(oneModel(upstream.url, "general_settings: { master_key: sk-master }")));
    const answer = await app.fetch(post({ authorization: "Bearer sk-master" }));
    expect(answer.status).toBe(200);
    expect((await app.fetch(post({}))).status).toBe(401);
  });

  it("takes the peer's address from the runtime", async () => {
    await using upstream = await startUpstream();
    const gateway = await gatewayOf(oneModel(upstream.url));
    expect((await createApp(gateway).fetch(post({}))).status).toBe(401);
    expect((await createApp(gateway, { peerAddress: () => "127.0.0.1" }).fetch(post({}))).status).toBe(200);
    expect((await createApp(gateway, { peerAddress: () => "10.0.0.1" }).fetch(post({}))).status).toBe(401);
  });

  it("bounds what upstreams answer on any runtime", async () => {
    await using upstream = await startUpstream(
      ({ outgoing }) => void outgoing.end(JSON.stringify(["x".repeat(2_000)])),
    );
    const yaml = oneModel(
      upstream.url,
      "general_settings: { max_response_size_mb: 0.001 }\nrouter_settings: { num_retries: 0 }",
    );
    const answer = await createApp(await gatewayOf(yaml), { peerAddress: () => "127.0.0.1" }).fetch(post({}));
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining("larger than the 0.001 MB allowed") });
  });
});

describe("telemetry", () => {
  it("gets one report of each request: its caller, its model and how it ended", async () => {
    await using upstream = await startUpstream();
    const ended: RequestFacts[] = [];
    const around: string[] = [];
    const telemetry: Telemetry = {
      log: silentLog,
      requestEnded: (facts) => void ended.push(facts),
      around: async (start, run) => {
        around.push(`${start.method} ${start.route}`);
        return run();
      },
    };
    await using proxy = await startProxy({ yaml: oneModel(upstream.url), telemetry });
    await proxy.post("/v1/rerank", request, { "x-dheera-call-id": "one" });
    await proxy.post("/rerank", { ...request, model: "nobody" }, { "x-dheera-call-id": "two" });
    await proxy.get("/health/readiness");
    expect(ended).toEqual([
      expect.objectContaining({
        callId: "one",
        method: "POST",
        route: "/v1/rerank",
        status: 200,
        caller: "local",
        modelName: "bge",
        durationMilliseconds: expect.any(Number),
        report: expect.objectContaining({ documents: 2, batches: 1, modelName: "bge" }),
      }),
      expect.objectContaining({ callId: "two", route: "/rerank", status: 404, code: "model_not_found" }),
      expect.objectContaining({ route: "/health/readiness", status: 200 }),
    ]);
    // Callers can make up model names, and telemetry keeps every name it gets.
    expect(ended[1]?.modelName).toBeUndefined();
    expect(around).toEqual(["POST /v1/rerank", "POST /rerank", "GET /health/readiness"]);
  });
});

describe("pages of other origins", () => {
  const allowed = "general_settings: { cors_allowed_origins: ['https://app.example.com'], master_key: sk-master }";
  const page = { origin: "https://app.example.com", authorization: "Bearer sk-master" };

  it("may call only where the operator allows their origin", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ yaml: oneModel(upstream.url, allowed) });
    const preflight = await fetch(`${proxy.url}/v2/rerank`, {
      method: "OPTIONS",
      headers: {
        origin: page.origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": "https://app.example.com",
      "access-control-allow-headers": "authorization",
    });
    const answer = await proxy.post("/v2/rerank", request, page);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(answer.headers.get("access-control-expose-headers")).toContain("x-dheera-call-id");
    const foreign = await proxy.post("/v2/rerank", request, { ...page, origin: "https://evil.example" });
    expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("get no headers where no origin is configured", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({
      yaml: oneModel(upstream.url, "general_settings: { master_key: sk-master }"),
    });
    const answer = await proxy.post("/v2/rerank", request, page);
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

it("refuses addresses that are not allowed", async () => {
  await using proxy = await startProxy({
    yaml: oneModel("http://127.0.0.1:9", "general_settings: { allowed_ips: [10.0.0.0/8], master_key: sk-master }"),
  });
  const answer = await proxy.post("/rerank", request, { authorization: "Bearer sk-master" });
  expect([answer.status, await answer.json()]).toEqual([
    403,
    expect.objectContaining({ message: "the address 127.0.0.1 is not in general_settings.allowed_ips" }),
  ]);
  expect((await proxy.get("/health/liveliness")).status).toBe(200);
});

async function gatewayOf(yaml: string): Promise<Gateway> {
  return createGateway(parseConfig(yaml, { file: "config.yaml", environment: {} }).config, { environment: {} });
}

function post(headers: Record<string, string>): Request {
  return new Request("http://localhost/rerank", { method: "POST", body: JSON.stringify(request), headers });
}
