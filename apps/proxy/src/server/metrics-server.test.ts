import { expect, it } from "vitest";

import { startMetricsServer } from "./metrics-server.ts";

const page = { contentType: "text/plain; version=0.0.4; charset=utf-8", text: async () => "up 1\n" };

it("shows the metrics on a port of its own", async () => {
  const server = await startMetricsServer(page, "127.0.0.1", 0);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics?name=up`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(page.contentType);
    expect(await response.text()).toBe("up 1\n");
  } finally {
    await server.close();
  }
});

it.each([
  { method: "GET", path: "/" },
  { method: "GET", path: "/v1/rerank" },
  { method: "POST", path: "/metrics" },
])("answers nothing else: $method $path", async ({ method, path }) => {
  const server = await startMetricsServer(page, "127.0.0.1", 0);
  try {
    expect((await fetch(`http://127.0.0.1:${server.port}${path}`, { method })).status).toBe(404);
  } finally {
    await server.close();
  }
});

it("answers 500 when the metrics cannot be collected, and goes on", async () => {
  const texts = [() => Promise.reject(new Error("no")), page.text];
  const server = await startMetricsServer({ ...page, text: () => texts.shift()?.() ?? page.text() }, "127.0.0.1", 0);
  try {
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status).toBe(500);
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status).toBe(200);
  } finally {
    await server.close();
  }
});

it("frees its port when it closes", async () => {
  const server = await startMetricsServer(page, "127.0.0.1", 0);
  await server.close();
  await expect(fetch(`http://127.0.0.1:${server.port}/metrics`)).rejects.toThrow();
});
