import { join } from "node:path";

import { type Database, openDatabase } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { describeOnEachDatabase } from "../../../../../packages/teams/src/testing/each-database.ts";
import { eventually } from "../../../../../test/support/eventually.ts";
import { memoryLog } from "../../fixtures/memory-log.ts";
import { serveHttp } from "../../fixtures/serve-http.ts";
import { type Proxy, startProxy } from "../../fixtures/start-proxy.ts";
import { type Upstream, startUpstream } from "../../fixtures/start-upstream.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";

const masterKey = "sk-master-1234";
const saltKey = "sk-salt-of-this-test";
const authorization = { authorization: `Bearer ${masterKey}` };
const secret = "hf_this_is_secret";
const documents = ["0.1 bread", "0.9 milk"];

describeOnEachDatabase("deployments in the database", ({ createDatabase }) => {
  it("serve on every replica, beside those of the file, until they are deleted", async () => {
    await using upstream = await startUpstream();
    const url = await createDatabase();
    await using one = await start(url);
    await using other = await start(url);
    const added = await add(one, upstream, { model_info: { id: "m1" } });
    expect([added.status, await added.json()]).toEqual([
      200,
      expect.objectContaining({
        model_id: "m1",
        model_name: "tei",
        litellm_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: upstream.url },
        model_info: { id: "m1", db_model: true },
        created_by: expect.any(String),
        warnings: [],
      }),
    ]);
    // Where it was added it serves at once.
    expect(await rank(one)).toBe(200);
    await eventually(() => rank(other)).toBe(200);
    expect(await rank(other, "near")).toBe(200);
    expect(upstream.headers.map((headers) => headers.authorization)).toEqual(
      upstream.headers.map(() => `Bearer ${secret}`),
    );

    const removed = await one.post("/model/delete", { id: "m1" }, authorization);
    expect([removed.status, await removed.json()]).toEqual([200, { message: "Model: m1 deleted successfully" }]);
    expect(await rank(one)).toBe(404);
    await eventually(() => rank(other)).toBe(404);
    expect((await one.post("/model/delete", { id: "m1" }, authorization)).status).toBe(404);
  });

  it("outlive a restart", async () => {
    await using upstream = await startUpstream();
    const url = await createDatabase();
    {
      await using first = await start(url);
      await add(first, upstream);
    }
    await using second = await start(url);
    expect(await rank(second)).toBe(200);
  });

  it("show their secrets nowhere", async () => {
    await using upstream = await startUpstream(({ outgoing }) => void outgoing.writeHead(500).end(`no ${secret}`));
    const url = await createDatabase();
    const log = memoryLog();
    await using proxy = await start(url, { log });
    const shown: string[] = [];
    const keep = async (response: Response): Promise<void> =>
      void shown.push(JSON.stringify([...response.headers]), await response.text());
    const headers = {
      extra_headers: { "x-more": `${secret}-2` },
      api_base: `${upstream.url}/v1?key=${secret}`,
      max_retries: 0,
    };
    await keep(await add(proxy, upstream, { model_info: { id: "m1" } }));
    await keep(await add(proxy, upstream, { model_info: { id: "m2" }, model_name: "two" }, headers));
    await keep(await patch(proxy, "m1", { litellm_params: { api_key: `${secret}-3`, timeout: "soon" } }));
    await keep(
      await patch(proxy, "m1", {
        litellm_params: { api_key: `${secret}-3`, api_base: `https://user:${secret}@10.0.0.1` },
      }),
    );
    await keep(await patch(proxy, "m1", { litellm_params: { api_key: `${secret}-3` } }));
    await keep(await proxy.get("/model/info", authorization));
    await keep(await proxy.get("/model_group/info", authorization));
    await keep(await proxy.get("/health", authorization));
    await keep(await proxy.post("/rerank", { model: "two", query: "q", documents }, authorization));
    await using database = await open(url);
    const { db } = database;
    shown.push(...log.lines);
    shown.push(JSON.stringify(await db.selectFrom("dheera_audit").selectAll().execute()));
    shown.push(JSON.stringify(await db.selectFrom("dheera_models").selectAll().execute()));
    expect(shown.length).toBeGreaterThan(15);
    for (const text of shown) expect(text).not.toContain(secret);
    const audit = await db.selectFrom("dheera_audit").select(["action", "object_id", "actor"]).orderBy("at").execute();
    expect(audit).toMatchObject([
      { action: "created", object_id: "m1" },
      { action: "created", object_id: "m2" },
      { action: "updated", object_id: "m1" },
    ]);
  });

  it("that cannot serve leave the others alone, also at a start, and say why", async () => {
    await using upstream = await startUpstream();
    const url = await createDatabase();
    const log = memoryLog();
    {
      await using proxy = await start(url);
      await add(proxy, upstream, { model_info: { id: "good" } });
    }
    await using database = await open(url);
    await write(database, "not-json", "{");
    await write(database, "no-model", "{}");
    await write(database, "wrong", { model: "cohere/x", timeout: "soon" });
    await write(database, "unknown", { model: "coherre/x" });
    await write(database, "variable", { model: "cohere/x", api_key: "os.environ/HOME" });
    await write(database, "inside", { model: "cohere/x", api_base: "http://169.254.169.254" });
    await write(database, "other-key", {
      model: "cohere/x",
      api_key: "enc:v1:12345678:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA",
    });
    await write(database, "taken", { model: "bm25/default" }, "near-1");
    await write(database, "blocked", { model: "bm25/default" }, "blocked", 1);
    await using proxy = await start(url, { log });
    expect([await rank(proxy), await rank(proxy, "near")]).toEqual([200, 200]);
    const reasons = await reasonsOf(proxy);
    expect(reasons).toEqual({
      "not-json": "its parameters are not JSON",
      "no-model": expect.stringContaining("model"),
      wrong: expect.stringContaining("timeout"),
      unknown: "there is no provider coherre; did you mean cohere/…?",
      variable: expect.stringContaining("api_key is a reference to the proxy's environment"),
      inside: expect.stringContaining("api_base names an address that is link-local"),
      "other-key": expect.stringContaining("was encrypted with the key 12345678, which is not set"),
      "near-1": "its id is that of a deployment of the configuration",
      blocked: "it is blocked",
    });
    for (const id of Object.keys(reasons))
      expect(log.lines.join("\n")).toContain(`the deployment ${id} of the database`);
    const refused = await proxy.post("/rerank", { model: "wrong", query: "q", documents }, authorization);
    expect([refused.status, await refused.text()]).toEqual([404, expect.stringContaining("timeout")]);
  });

  it("are served while the file on the disk cannot be used", async () => {
    await using upstream = await startUpstream();
    const url = await createDatabase();
    await using folder = await temporaryFolder({ "config.yaml": yamlOf(url) });
    const log = memoryLog();
    await using proxy = await startProxy({
      configPath: join(folder.path, "config.yaml"),
      environment: { DHEERA_AI_SALT_KEY: saltKey },
      log,
    });
    await folder.write("config.yaml", "model_list: 3");
    process.emit("SIGHUP", "SIGHUP");
    await eventually(() => log.lines.join("\n")).toContain("the configuration was not taken up");
    expect((await add(proxy, upstream)).status).toBe(200);
    expect(await rank(proxy)).toBe(200);
  });

  it("are changed in part: what is not named stays, and null removes", async () => {
    await using upstream = await startUpstream();
    await using other = await startUpstream();
    await using proxy = await start(await createDatabase());
    await add(proxy, upstream, { model_info: { id: "m1", metadata: "old", tier: "free" } }, { timeout: 9 });
    const changed = await patch(proxy, "m1", {
      litellm_params: { timeout: null, max_retries: 0 },
      model_info: { metadata: "new" },
    });
    expect(await changed.json()).toMatchObject({
      litellm_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: upstream.url, max_retries: 0 },
      model_info: { id: "m1", metadata: "new", tier: "free" },
    });
    const posted = await proxy.post(
      "/model/update",
      { model_name: "renamed", model_info: { id: "m1" }, litellm_params: {} },
      authorization,
    );
    expect(await posted.json()).toMatchObject({ model_name: "renamed", litellm_params: { max_retries: 0 } });
    expect([await rank(proxy, "renamed"), await rank(proxy)]).toEqual([200, 404]);
    expect(upstream.headers.at(-1)?.authorization).toBe(`Bearer ${secret}`);

    // Who cannot read the key could have it sent to a server of theirs.
    const moved = await patch(proxy, "m1", { litellm_params: { api_base: other.url } });
    expect([moved.status, await moved.json()]).toMatchObject([
      400,
      {
        error: {
          param: "litellm_params.api_key",
          message: expect.stringContaining("litellm_params.api_key would go to another server than it was given for"),
        },
      },
    ]);
    expect((await patch(proxy, "m1", { litellm_params: { model: "cohere/x" } })).status).toBe(400);
    expect((await patch(proxy, "m1", { litellm_params: { api_base: other.url, api_key: "other" } })).status).toBe(200);
    expect(await rank(proxy, "renamed")).toBe(200);
    expect(other.headers.at(-1)?.authorization).toBe("Bearer other");
  });

  it("may be added again with the same body, and not with another", async () => {
    await using upstream = await startUpstream();
    await using proxy = await start(await createDatabase());
    const info = { model_info: { id: "m1" } };
    const [first, again, different] = [
      await add(proxy, upstream, info),
      await add(proxy, upstream, info),
      await add(proxy, upstream, info, { timeout: 4 }),
    ];
    expect([first.status, again.status, different.status]).toEqual([200, 200, 400]);
    expect(await again.json()).toEqual(await first.json());
    expect(await different.text()).toContain(
      "model_info.id m1 is that of another deployment: change it by /model/update",
    );
  });

  it("can be blocked and let in again", async () => {
    await using upstream = await startUpstream();
    await using proxy = await start(await createDatabase());
    await add(proxy, upstream, { model_info: { id: "m1" } });
    await patch(proxy, "m1", { blocked: true });
    expect([await rank(proxy), await reasonsOf(proxy)]).toEqual([404, { m1: "it is blocked" }]);
    await patch(proxy, "m1", { blocked: false });
    expect(await rank(proxy)).toBe(200);
  });

  it("are for administrators, and those of the file stay in the file", async () => {
    const url = await createDatabase();
    const keys =
      "keys: [{ name: app, key: 'sha256:b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9' }]";
    await using proxy = await start(url, {}, keys);
    const forbidden = await proxy.post("/model/new", {}, { authorization: "Bearer hello world" });
    expect([forbidden.status, await forbidden.text()]).toEqual([403, expect.stringContaining("ask a proxy admin")]);
    expect((await proxy.post("/model/new", {})).status).toBe(401);
    for (const response of [
      await patch(proxy, "near-1", { model_name: "x" }),
      await proxy.post("/model/delete", { id: "near-1" }, authorization),
      await proxy.post(
        "/model/new",
        { model_name: "x", litellm_params: { model: "bm25/default" }, model_info: { id: "near-1" } },
        authorization,
      ),
    ])
      expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(/of the configuration/)]);
    expect((await patch(proxy, "nowhere", { model_name: "x" })).status).toBe(404);
    expect((await patch(proxy, "%zz", { model_name: "x" })).status).toBe(400);
  });

  it("need a key for their secrets, and a setting that allows them", async () => {
    await using upstream = await startUpstream();
    const url = await createDatabase();
    await using keyless = await start(url, { environment: {} });
    const refused = await add(keyless, upstream);
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining("set DHEERA_AI_SALT_KEY")]);
    expect(
      (await keyless.post("/model/new", { model_name: "x", litellm_params: { model: "bm25/default" } }, authorization))
        .status,
    ).toBe(200);

    await using without = await start(url, {}, "store_model_in_db: false");
    expect(await (await add(without, upstream)).text()).toContain("store_model_in_db is false");
    expect(await rank(without, "x")).toBe(404);
  });

  it("are refused with the parameter that is wrong, before anything is kept", async () => {
    const url = await createDatabase();
    await using proxy = await start(url, {}, "allowed_private_networks: []");
    const errorOf = async (litellm_params: unknown, more: object = {}): Promise<string> => {
      const response = await proxy.post("/model/new", { model_name: "m", litellm_params, ...more }, authorization);
      expect(response.status).toBe(400);
      const { error } = await response.json();
      return error.message;
    };
    expect(await errorOf(undefined)).toBe(
      "litellm_params.model is required: <provider>/<model>, such as cohere/rerank-v3.5".replace(
        "litellm_params",
        "dheera_ai_params",
      ),
    );
    expect(await errorOf("x")).toContain("litellm_params must be a map of settings");
    expect(await errorOf({ model: "cohere/x", timeout: "soon" })).toContain("litellm_params.timeout must be a number");
    expect(await errorOf({ model: "cohere/x", api_base: "https://192.168.0.1" })).toContain(
      "general_settings.allowed_private_networks",
    );
    expect(await errorOf({ model: "cohere/x", api_base: "https://localhost" })).toContain(
      "litellm_params.api_base names a host whose address is",
    );
    expect(await errorOf({ model: "cohere/x", api_key: "os.environ/X" })).toContain(
      "litellm_params.api_key is a reference",
    );
    expect(await errorOf({ model: "openai/gpt-4o" })).toContain("chat and embedding models");
    expect(await errorOf({ model: "cohere/x" }, { dheera_ai_params: { model: "y" } })).toContain("mean the same");
    expect(
      await errorOf({ model: "cohere/x", extra_headers: JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`) }),
    ).toContain("nested");
    expect(await errorOf({ model: "cohere/x" }, { model_info: { id: "../x" } })).toContain("model_info.id must be");
    await using database = await open(url);
    expect(await database.db.selectFrom("dheera_models").selectAll().execute()).toEqual([]);
  });

  it("cannot lead a connection inside, whatever names and redirects say", async () => {
    await using inside = await serveHttp((_, outgoing) => void outgoing.end("credentials"));
    const { port } = new URL(inside.url);
    await using redirecting = await startUpstream(
      ({ outgoing }) => void outgoing.writeHead(307, { location: inside.url }).end(),
    );
    const url = await createDatabase();
    await using proxy = await start(url, {}, "allowed_private_networks: []");
    await using database = await open(url);
    // As if the name had meant another address when it was added.
    await write(database, "rebound", {
      model: "cohere/x",
      api_base: `https://localhost:${port}`,
      api_key: "k",
      max_retries: 0,
    });
    await eventually(() => rank(proxy, "rebound")).not.toBe(404);
    const answer = await proxy.post("/rerank", { model: "rebound", query: "q", documents }, authorization);
    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining("this machine's own")]);

    await using allowing = await start(await createDatabase(), {}, `allowed_private_networks: ["127.0.0.1"]`);
    const base = { model: "cohere/x", api_base: redirecting.url, api_key: "k", max_retries: 0 };
    expect(
      (await allowing.post("/model/new", { model_name: "redirected", litellm_params: base }, authorization)).status,
    ).toBe(200);
    expect(await rank(allowing, "redirected")).toBe(502);
    expect([redirecting.requests.length, inside.connections]).toEqual([1, 0]);
  });

  it("takes what LiteLLM's Terraform provider sends", async () => {
    await using upstream = await startUpstream();
    await using proxy = await start(await createDatabase());
    const id = "7b0d5f4e-2d43-4f0e-9c5b-0c8f6f5a1d11";
    const body = {
      model_name: "rerank-terraform",
      litellm_params: {
        custom_llm_provider: "huggingface",
        model: "huggingface/BAAI/bge-reranker-base",
        input_cost_per_token: 1e-7,
        output_cost_per_token: 0,
        rpm: 600,
        tpm: 100_000,
        api_key: secret,
        api_base: upstream.url,
        merge_reasoning_content_in_choices: false,
        max_retries: 1,
      },
      model_info: { id, db_model: true, base_model: "BAAI/bge-reranker-base", tier: "free", mode: "rerank" },
    };
    expect((await proxy.post("/model/new", body, authorization)).status).toBe(200);
    const info = await (await proxy.get(`/model/info?litellm_model_id=${id}`, authorization)).json();
    expect(info.data).toMatchObject([
      {
        model_name: "rerank-terraform",
        litellm_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: upstream.url, rpm: 600 },
        model_info: {
          id,
          db_model: true,
          mode: "rerank",
          base_model: "BAAI/bge-reranker-base",
          tier: "free",
          input_cost_per_token: 1e-7,
        },
      },
    ]);
    expect(JSON.stringify(info)).not.toContain(secret);
    expect((await patch(proxy, id, { ...body, litellm_params: { ...body.litellm_params, rpm: 700 } })).status).toBe(
      200,
    );
    const after = await (await proxy.get(`/model/info?litellm_model_id=${id}`, authorization)).json();
    expect(after.data[0].litellm_params.rpm).toBe(700);
    expect((await proxy.post("/model/delete", { id }, authorization)).status).toBe(200);
    expect((await (await proxy.get(`/model/info?litellm_model_id=${id}`, authorization)).json()).data).toEqual([]);
  });
});

it("need a database", async () => {
  await using proxy = await startProxy({
    yaml: `model_list: [{ model_name: near, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings: { master_key: ${masterKey} }`,
  });
  const answer = await proxy.post(
    "/model/new",
    { model_name: "x", litellm_params: { model: "bm25/default" } },
    authorization,
  );
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringContaining("set general_settings.database_url"),
  ]);
});

function yamlOf(url: string, settings = ""): string {
  const networks = settings.includes("allowed_private_networks") ? "" : `allowed_private_networks: ["127.0.0.1"]`;
  return `
model_list:
  - { model_name: near, dheera_ai_params: { model: bm25/default }, model_info: { id: near-1 } }
general_settings:
  master_key: ${masterKey}
  database_url: "${url}"
  ${networks}
  ${settings}
`;
}

function start(url: string, options: Parameters<typeof startProxy>[0] = {}, settings = ""): Promise<Proxy> {
  return startProxy({ yaml: yamlOf(url, settings), environment: { DHEERA_AI_SALT_KEY: saltKey }, ...options });
}

function add(proxy: Proxy, upstream: Upstream, more: object = {}, params: object = {}): Promise<Response> {
  const litellm_params = {
    model: "huggingface/BAAI/bge-reranker-base",
    api_base: upstream.url,
    api_key: secret,
    ...params,
  };
  return proxy.post("/model/new", { model_name: "tei", litellm_params, ...more }, authorization);
}

function patch(proxy: Proxy, id: string, body: object): Promise<Response> {
  return fetch(`${proxy.url}/model/${id}/update`, {
    method: "PATCH",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...authorization },
  });
}

async function rank(proxy: Proxy, model = "tei"): Promise<number> {
  const answer = await proxy.post("/rerank", { model, query: "q", documents }, authorization);
  await answer.arrayBuffer();
  return answer.status;
}

/** Of the deployments that cannot serve. */
async function reasonsOf(proxy: Proxy): Promise<Record<string, string>> {
  const { data } = await (await proxy.get("/model/info", authorization)).json();
  return Object.fromEntries(
    data.flatMap(({ model_info: info }: { model_info: { id: string; db_model: boolean; unavailable?: string } }) =>
      info.unavailable === undefined ? [] : [[info.id, info.unavailable]],
    ),
  );
}

async function open(url: string): Promise<Database & AsyncDisposable> {
  const database = await openDatabase(url);
  return { ...database, [Symbol.asyncDispose]: () => database.close() };
}

/** As somebody may who writes to the database by other ways than the API. */
async function write(database: Database, name: string, params: object | string, id = name, blocked = 0): Promise<void> {
  const text = typeof params === "string" ? params : JSON.stringify(params);
  const row = { model_id: id, model_name: name, params: text, info: "{}", blocked };
  await database.transaction(async (transaction) => {
    await transaction
      .insertInto("dheera_models")
      .values({ ...row, created_at: 1, created_by: "sql", updated_at: 1, updated_by: "sql" })
      .execute();
    const { value } = await transaction
      .updateTable("dheera_change_counter")
      .set((update) => ({ value: update("value", "+", 1) }))
      .where("id", "=", 1)
      .returning("value")
      .executeTakeFirstOrThrow();
    await transaction
      .insertInto("dheera_changes")
      .values({ sequence: value, at: Date.now(), kind: "model", id })
      .execute();
  });
}
