import { describe, expect, it } from "vitest";

import {
  bearer,
  createKey,
  master,
  newDatabase,
  openForTest,
  operator,
  price,
  request,
  spendLogs,
  spentBy,
  stageTeams,
} from "../fixtures/stage-teams.ts";
import { hashKey } from "./hash-key.ts";

describe("a key of the database", () => {
  it("ranks, and what its answer cost is booked to it, its team and its model", async () => {
    const { teams, proxy } = await stageTeams();
    const { team_id } = await teams.stores.teams.create(operator, { team_alias: "research", max_budget: 10 });
    const { key, row } = await createKey(teams, { key_alias: "search", team_id, max_budget: 5 });
    expect((await proxy.post("/rerank", request, bearer(key))).status).toBe(200);
    expect((await proxy.post("/v1/rerank", request, bearer(key))).status).toBe(200);

    await expect.poll(() => spendLogs(teams)).toHaveLength(2);
    expect((await spendLogs(teams))[0]).toMatchObject({
      key_hash: row.key_hash,
      key_name: "search",
      team_id,
      model: "bge",
      provider: "huggingface",
      status: 200,
      cost: price * 1e9,
      documents: 2,
    });
    expect(await spentBy(teams, "team", team_id)).toBe(2 * price);
    expect(await spentBy(teams, "key", row.key_hash)).toBe(2 * price);
  });

  it("is refused where nobody has made it, and let in by each header that carries keys", async () => {
    const { teams, proxy } = await stageTeams();
    const { key } = await createKey(teams, {});
    const unknown = await proxy.post("/rerank", request, bearer("sk-nobody-has-made-this-key"));
    expect([unknown.status, (await unknown.json()).error.code]).toEqual([401, "unauthenticated"]);
    for (const headers of [
      bearer(key),
      { "x-api-key": key },
      { authorization: "Bearer of-an-ingress", "x-litellm-api-key": key },
    ])
      expect((await proxy.post("/rerank", request, headers)).status).toBe(200);
  });

  it("stands beside the keys of the file and the master key, whose answers are booked too", async () => {
    const { teams, proxy } = await stageTeams(`keys: [{ name: old, key: "${hashKey("sk-of-the-file")}" }]`);
    for (const headers of [master, bearer("sk-of-the-file")])
      expect((await proxy.post("/rerank", request, headers)).status).toBe(200);
    await expect
      .poll(async () => (await spendLogs(teams)).map(({ key_name }) => key_name).toSorted())
      .toEqual(["master", "old"]);
  });

  it("is held to the least of its own limits and its team's, which all keys of the team share", async () => {
    const { teams, proxy } = await stageTeams();
    const { team_id } = await teams.stores.teams.create(operator, {
      team_alias: "research",
      rpm_limit: 3,
      max_documents: 3,
      models: JSON.stringify(["bge", "other"]),
    });
    const one = bearer((await createKey(teams, { team_id })).key);
    const two = bearer((await createKey(teams, { team_id, models: JSON.stringify(["other"]) })).key);
    const many = await proxy.post("/rerank", { ...request, documents: ["1", "2", "3", "4"] }, one);
    expect([many.status, (await many.json()).message]).toEqual([
      400,
      expect.stringContaining("4 documents are more than the 3 that the team research may send at once"),
    ]);
    expect((await proxy.post("/rerank", request, one)).status).toBe(200);
    expect((await proxy.post("/rerank", request, two)).status).toBe(403);
    const limited = await proxy.post("/rerank", request, one);
    expect([limited.status, (await limited.json()).message]).toEqual([
      429,
      expect.stringContaining("the 3 requests a minute of the team research are used up"),
    ]);
  });

  it("is out within two seconds after it, or its team, was blocked, and in again after", async () => {
    const { teams, proxy } = await stageTeams();
    const { team_id } = await teams.stores.teams.create(operator, { team_alias: "research" });
    const { key, row } = await createKey(teams, { team_id });
    const status = async (): Promise<number> => (await proxy.post("/rerank", request, bearer(key))).status;
    expect(await status()).toBe(200);
    await teams.stores.keys.block(operator, row.key_hash, true);
    await expect.poll(status).toBe(403);
    await teams.stores.keys.block(operator, row.key_hash, false);
    await expect.poll(status).toBe(200);
    await teams.stores.teams.update(operator, team_id, { blocked: 1 });
    await expect.poll(status).toBe(403);
    const refusal = await proxy.post("/rerank", request, bearer(key));
    expect((await refusal.json()).message).toContain("the team research is blocked");
    await teams.stores.teams.update(operator, team_id, { blocked: 0 });
    await expect.poll(status).toBe(200);
    await teams.stores.keys.remove(operator, [row.key_hash]);
    await expect.poll(status).toBe(401);
  });
});

describe("a budget", () => {
  it("refuses what would pass it, however many requests come at once", async () => {
    const { teams, proxy, upstream } = await stageTeams();
    const { key, row } = await createKey(teams, { max_budget: 5 * price });
    // The price is known once a server has answered.
    expect((await proxy.post("/rerank", request, master)).status).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => proxy.post("/rerank", request, bearer(key)).then(({ status }) => status)),
    );
    expect(answers.filter((status) => status === 200)).toHaveLength(5);
    expect(answers.filter((status) => status === 429)).toHaveLength(15);
    expect(upstream.requests).toHaveLength(6);
    await expect.poll(() => spentBy(teams, "key", row.key_hash)).toBe(5 * price);
    const refusal = await (await proxy.post("/rerank", request, bearer(key))).json();
    expect(refusal).toMatchObject({ error: { code: "budget_exceeded" } });
  });

  it("is not touched by requests that fail without costing anything, or are answered from the cache", async () => {
    let isBroken = true;
    const { teams, proxy } = await stageTeams("", {
      more: "dheera_ai_settings: { cache: true, num_retries: 0 }",
      answer: ({ outgoing }) => {
        outgoing.writeHead(isBroken ? 400 : 200, { "content-type": "application/json" });
        outgoing.end(isBroken ? '{"error":"no","error_type":"validation"}' : JSON.stringify(twoScores));
      },
    });
    const { key, row } = await createKey(teams, { max_budget: 2 * price });
    const post = (query: string): Promise<Response> => proxy.post("/rerank", { ...request, query }, bearer(key));
    for (let attempt = 0; attempt < 3; attempt++) expect((await post("a")).status).toBe(422);
    isBroken = false;
    for (let attempt = 0; attempt < 4; attempt++) expect((await post("a")).status).toBe(200);
    await expect.poll(async () => (await spendLogs(teams)).length).toBe(7);
    expect(await spentBy(teams, "key", row.key_hash)).toBe(price);
    expect((await post("b")).status).toBe(200);
    expect((await post("c")).status).toBe(429);
  });

  it("counts a request that was given up while the upstream worked by the most it may have cost", async () => {
    const { teams, proxy } = await stageTeams("", { answer: () => {}, more: "dheera_ai_settings: { num_retries: 0 }" });
    const { key, row } = await createKey(teams, { max_budget: 1 });
    const late = await proxy.post("/rerank", { ...request, timeout: 0.3 }, bearer(key));
    expect(late.status).toBe(504);
    await expect.poll(() => spendLogs(teams)).toMatchObject([{ status: 504, cost: null }]);
    expect(await spentBy(teams, "key", row.key_hash)).toBeGreaterThan(0);
  });

  it("of a key of the file holds too, as do the limits and the block of the team it names", async () => {
    const url = await newDatabase();
    const teams = await openForTest(url);
    const { team_id } = await teams.stores.teams.create(operator, { team_alias: "research", max_documents: 2 });
    const { proxy } = await stageTeams(
      `keys: [{ name: old, key: "${hashKey("sk-of-the-file")}", max_budget: ${2 * price}, team_id: ${team_id} }]`,
      { url },
    );
    const post = (documents: readonly string[]): Promise<Response> =>
      proxy.post("/rerank", { ...request, documents }, bearer("sk-of-the-file"));
    expect((await post(["1", "2", "3"])).status).toBe(400);
    await proxy.post("/rerank", request, master);
    for (const status of [200, 200, 429]) expect((await post(["1", "2"])).status).toBe(status);
    await teams.stores.teams.update(operator, team_id, { blocked: 1 });
    await expect.poll(async () => (await post(["1", "2"])).status).toBe(403);
  });
});

it("tells LiteLLM's programs what a key may spend and has spent, and Prometheus what is left", async () => {
  const { teams, proxy } = await stageTeams("litellm_response_headers: true");
  const { key } = await createKey(teams, { key_alias: "search", max_budget: 5, rpm_limit: 100 });
  await proxy.post("/rerank", request, bearer(key));
  const { headers } = await proxy.post("/rerank", request, bearer(key));
  expect(headers.get("x-litellm-key-max-budget")).toBe("5");
  expect(headers.get("x-litellm-key-rpm-limit")).toBe("100");
  expect(Number(headers.get("x-litellm-key-spend"))).toBeGreaterThanOrEqual(price);
  const page = await (await proxy.get("/metrics", master)).text();
  expect(page).toMatch(/dheera_ai_remaining_api_key_budget_metric\{[^}]*api_key_alias="search"[^}]*\} 4\.99/);
  expect(page).toMatch(/dheera_ai_api_key_max_budget_metric\{[^}]*api_key_alias="search"[^}]*\} 5/);
  expect(page).toMatch(/dheera_ai_proxy_total_requests_metric_total\{[^}]*api_key_alias="search"/);
});

it("is part of readiness and of the services", async () => {
  const { proxy } = await stageTeams();
  expect(await (await proxy.get("/health/readiness")).json()).toMatchObject({ status: "healthy", db: "connected" });
  expect(await (await proxy.get("/health/services?service=database", master)).json()).toMatchObject({
    services: [{ name: "database", type: "sqlite", status: "healthy" }],
  });
});

const twoScores = [
  { index: 0, score: 0.9 },
  { index: 1, score: 0.1 },
];
