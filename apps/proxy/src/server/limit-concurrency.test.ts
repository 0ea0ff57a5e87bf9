import { expect, it } from "vitest";

import { oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";

it("a server with a limit of concurrent requests answers 503 beyond it, and serves again afterwards", async () => {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await using upstream = await startUpstream(async ({ outgoing }) => {
    reached.resolve();
    await released.promise;
    outgoing.end(JSON.stringify({ results: [{ index: 0, relevance_score: 1 }] }));
  });
  const yaml = oneModel(upstream.url).replace("huggingface/", "cohere/");
  await using proxy = await startProxy({ yaml, limitConcurrency: 1 });
  const first = proxy.post("/rerank", { model: "bge", query: "q", documents: ["a"] });
  await reached.promise;
  const refused = await proxy.get("/v1/models");
  expect([refused.status, await refused.json()]).toMatchObject([
    503,
    { message: expect.stringContaining("try again") },
  ]);
  released.resolve();
  expect((await first).status).toBe(200);
  expect((await proxy.get("/v1/models")).status).toBe(200);
});

it("a server says how long it keeps an idle connection", async () => {
  const yaml = "model_list: [{ model_name: a, dheera_ai_params: { model: bm25/default } }]";
  const kept = async (options: object): Promise<string | null> => {
    await using proxy = await startProxy({ yaml, ...options });
    const { headers } = await proxy.get("/test");
    return headers.get("keep-alive");
  };
  expect(await kept({})).toBe("timeout=75");
  expect(await kept({ keepAliveTimeout: 7 })).toBe("timeout=7");
});
