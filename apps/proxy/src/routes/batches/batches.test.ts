import { rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { memoryLog } from "../../fixtures/memory-log.ts";
import { type BatchProxy, batchKey, ended, formOf, lineOf, startBatches } from "../../fixtures/start-batches.ts";
import { startProxy } from "../../fixtures/start-proxy.ts";
import { scoreByNumber, sendJson, startUpstream } from "../../fixtures/start-upstream.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";

describe("a batch", () => {
  it("answers each line as the route does, in the order of its input", async () => {
    await using batches = await startBatches();
    const file = await batches.upload(["red", "green", "blue"].map((word) => lineOf(word)).join(""));
    const created = await batches.create(file["id"], undefined, { metadata: { team: "search" } });
    expect(created).toMatchObject({ status: "validating", metadata: { team: "search" } });
    const batch = await batches.until(created["id"], ended);
    expect(batch).toMatchObject({
      status: "completed",
      model: "bm25",
      request_counts: { total: 3, completed: 3, failed: 0 },
      error_file_id: null,
      paused_for: null,
    });
    const output = await batches.lines(batch["output_file_id"]);
    expect(output.map(({ custom_id }) => custom_id)).toEqual(["red", "green", "blue"]);
    const direct = await batches.call(
      "POST",
      "/v1/rerank",
      JSON.stringify({ model: "bm25", query: "red", documents: ["red", "another document"] }),
    );
    expect(output[0]).toMatchObject({ error: null, response: { status_code: 200 } });
    expect(output[0]).toMatchObject({ response: { body: { results: direct.body["results"] } } });
  });

  it("is served without the version in the address too, and by a key that may not see those of others", async () => {
    await using batches = await startBatches({
      yaml: `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings:
  master_key: ${batchKey}
  keys: [{ name: first, key: os.environ/FIRST }, { name: second, key: os.environ/SECOND }]`,
      environment: { FIRST: "sk-first", SECOND: "sk-second" },
    });
    const file = await batches.upload(lineOf("one"), "sk-first");
    const batch = await batches.create(file["id"], "sk-first");
    await batches.until(batch["id"], ended, "sk-first");
    for (const path of [`/files/${String(file["id"])}`, `/batches/${String(batch["id"])}`]) {
      expect((await batches.call("GET", path, undefined, "sk-first")).status).toBe(200);
      expect(await batches.call("GET", path, undefined, "sk-second")).toMatchObject({
        status: 404,
        body: { error: { code: "not_found" } },
      });
      expect((await batches.call("GET", path)).status).toBe(200);
    }
    expect((await batches.call("GET", "/files", undefined, "sk-second")).body).toEqual({
      object: "list",
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
    const cancelled = await batches.call("POST", `/batches/${String(batch["id"])}/cancel`, undefined, "sk-second");
    expect(cancelled.status).toBe(404);
  });

  it("ranks only with models that its key may use", async () => {
    await using batches = await startBatches({
      yaml: `
model_list:
  - { model_name: bm25, dheera_ai_params: { model: bm25/default } }
  - { model_name: other, dheera_ai_params: { model: bm25/default } }
general_settings: { master_key: ${batchKey}, keys: [{ name: bounded, key: os.environ/BOUNDED, models: [bm25] }] }`,
      environment: { BOUNDED: "sk-bounded" },
    });
    const file = await batches.upload(lineOf("mine") + lineOf("not mine", undefined, "other"), "sk-bounded");
    const { id } = await batches.create(file["id"], "sk-bounded");
    const batch = await batches.until(id, ended, "sk-bounded");
    expect(batch).toMatchObject({ request_counts: { completed: 1, failed: 1 } });
    expect(await batches.lines(batch["error_file_id"], "sk-bounded")).toMatchObject([
      { custom_id: "not mine", response: { status_code: 403, body: { error: { code: "forbidden" } } } },
    ]);
  });

  it("waits while its key has used up what it may have in a minute, and says so", async () => {
    await using batches = await startBatches({
      yaml: `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${batchKey}, keys: [{ name: slow, key: os.environ/SLOW, dpm: 2 }] }`,
      environment: { SLOW: "sk-slow" },
    });
    const file = await batches.upload(lineOf("first") + lineOf("second"), "sk-slow");
    const { id } = await batches.create(file["id"], "sk-slow");
    await expect
      .poll(async () => (await batches.call("GET", `/v1/batches/${String(id)}`)).body, { timeout: 60_000 })
      .toMatchObject({
        status: "in_progress",
        request_counts: { completed: 1 },
        paused_for: expect.stringContaining("documents a minute of the key slow are used up"),
      });
    await batches.call("POST", `/v1/batches/${String(id)}/cancel`);
    const batch = await batches.until(id, ended);
    expect(batch).toMatchObject({ status: "cancelled", request_counts: { total: 2, completed: 1, failed: 1 } });
  });

  it("goes on where it was when its server is back", async () => {
    let isDown = true;
    await using upstream = await startUpstream((request) =>
      isDown ? sendJson(request.outgoing, { error: "no" }, {}, 503) : scoreByNumber(request),
    );
    await using batches = await startBatches({
      yaml: `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}", max_retries: 0 }
general_settings: { master_key: ${batchKey} }
router_settings: { cooldown_time: 0.2 }`,
    });
    const file = await batches.upload(lineOf("one", undefined, "bge") + lineOf("two", undefined, "bge"));
    const { id } = await batches.create(file["id"]);
    await expect
      .poll(async () => (await batches.call("GET", `/v1/batches/${String(id)}`)).body, { timeout: 60_000 })
      .toMatchObject({ status: "in_progress", paused_for: expect.any(String) });
    // Where the servers of an operator are is nobody's business.
    const { body } = await batches.call("GET", `/v1/batches/${String(id)}`);
    expect(JSON.stringify(body)).not.toContain(new URL(upstream.url).port);
    isDown = false;
    expect(await batches.until(id, ended)).toMatchObject({ status: "completed", request_counts: { completed: 2 } });
  });

  it("waits for a storage that is away, and says so without naming the folder, which the log does", async () => {
    await using folder = await temporaryFolder();
    const storage = join(folder.path, "batches");
    const log = memoryLog();
    await using batches = await startBatches({ folder: storage, log });
    const file = await batches.upload(lineOf("one"));
    await rename(storage, join(folder.path, "away"));
    await folder.write("batches", "no folder");
    const { id } = await batches.create(file["id"]);
    const paused = "the storage of batches cannot be used now; what waits goes on when it can";
    await expect
      .poll(async () => (await batches.call("GET", `/v1/batches/${String(id)}`)).body, { timeout: 60_000 })
      .toMatchObject({ status: "validating", paused_for: paused });
    const refused = await batches.call("POST", "/v1/files", formOf(lineOf("two")));
    expect(refused).toMatchObject({ status: 503, body: { message: paused } });
    expect(JSON.stringify(log.lines)).toContain(storage);
    await rm(storage);
    await rename(join(folder.path, "away"), storage);
    expect(await batches.until(id, ended)).toMatchObject({ status: "completed", paused_for: null });
  });

  it("that has ended cannot be cancelled, as OpenAI has it", async () => {
    await using batches = await startBatches();
    const { id } = await batches.create((await batches.upload(lineOf("one")))["id"]);
    await batches.until(id, ended);
    const { status, body } = await batches.call("POST", `/v1/batches/${String(id)}/cancel`);
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { error: { message: "Cannot cancel a batch with status 'completed'.", type: "invalid_request_error" } },
    });
  });

  it("is refused where too many of its key have not ended", async () => {
    await using batches = await startBatches({ settings: "run_in_proxy: false, max_open_batches_per_key: 2" });
    const file = await batches.upload(lineOf("one"));
    const asked = { input_file_id: file["id"], endpoint: "/v1/rerank", completion_window: "24h" };
    const made = [await batches.create(file["id"]), await batches.create(file["id"])];
    const response = await batches.proxy.post("/v1/batches", asked, { authorization: `Bearer ${batchKey}` });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await response.text()).toContain("batch_settings.max_open_batches_per_key");
    const { body } = await batches.call("GET", "/v1/batches");
    expect(body).toMatchObject({ data: made.toReversed().map(({ id }) => ({ id })) });
  });

  it("keeps its files as long as it is told to", async () => {
    await using batches = await startBatches();
    const { id: input } = await batches.upload(lineOf("one"));
    const expires = { anchor: "created_at", seconds: 7_200 };
    const { id } = await batches.create(input, undefined, { output_expires_after: expires });
    const { output_file_id } = await batches.until(id, ended);
    const { body: output } = await batches.call("GET", `/v1/files/${String(output_file_id)}`);
    expect(Number(output["expires_at"]) - Number(output["created_at"])).toBe(7_200);
    for (const wrong of [{ ...expires, seconds: 60 }, { ...expires, anchor: "now" }, []]) {
      const asked = {
        input_file_id: input,
        endpoint: "/v1/rerank",
        completion_window: "24h",
        output_expires_after: wrong,
      };
      expect(await batches.call("POST", "/v1/batches", JSON.stringify(asked))).toMatchObject({ status: 400 });
    }
  });

  it("goes on with the new configuration after a reload", async () => {
    await using folder = await temporaryFolder();
    await using upstream = await startUpstream();
    const yaml = (model: string): string => `
model_list: [{ model_name: bge, dheera_ai_params: ${model} }]
general_settings: { master_key: ${batchKey} }
batch_settings: { storage: ${JSON.stringify(`${folder.path}/batches`)} }`;
    // Nobody listens there.
    await folder.write("config.yaml", yaml('{ model: huggingface/m, api_base: "http://127.0.0.1:1", max_retries: 0 }'));
    await using proxy = await startProxy({ configPath: `${folder.path}/config.yaml` });
    const headers = { authorization: `Bearer ${batchKey}` };
    const form = new FormData();
    form.set("file", new Blob([lineOf("one", undefined, "bge")]), "lines.jsonl");
    form.set("purpose", "batch");
    const file: { id: string } = JSON.parse(
      await (await fetch(`${proxy.url}/v1/files`, { method: "POST", body: form, headers })).text(),
    );
    const asked = { input_file_id: file.id, endpoint: "/v1/rerank", completion_window: "24h" };
    const { id }: { id: string } = JSON.parse(await (await proxy.post("/v1/batches", asked, headers)).text());
    const batch = async (): Promise<unknown> => (await proxy.get(`/v1/batches/${id}`, headers)).json();
    await expect.poll(batch, { timeout: 60_000 }).toMatchObject({ paused_for: expect.any(String) });
    await folder.write("config.yaml", yaml(`{ model: huggingface/m, api_base: "${upstream.url}" }`));
    process.emit("SIGHUP", "SIGHUP");
    await expect.poll(batch, { timeout: 60_000 }).toMatchObject({ status: "completed" });
  });

  it("is taken up by the next process where the one that ran it was stopped", async () => {
    await using folder = await temporaryFolder();
    const reached = Promise.withResolvers<void>();
    let isHeld = true;
    await using upstream = await startUpstream((request) => {
      reached.resolve();
      if (!isHeld) scoreByNumber(request);
    });
    const yaml = `
model_list: [{ model_name: bge, dheera_ai_params: { model: huggingface/m, api_base: "${upstream.url}" } }]
general_settings: { master_key: ${batchKey} }`;
    let id: unknown;
    {
      await using first = await startBatches({ yaml, folder: folder.path });
      const file = await first.upload(lineOf("one", undefined, "bge"));
      id = (await first.create(file["id"]))["id"];
      await reached.promise;
    }
    isHeld = false;
    await using second = await startBatches({ yaml, folder: folder.path });
    expect(await second.until(id, ended)).toMatchObject({ status: "completed", request_counts: { completed: 1 } });
  });
});

describe("a batch of a key of the database", () => {
  it("is booked to the key, line by line", async () => {
    await using upstream = await startUpstream();
    await using batches = await startBatches({ yaml: withDatabase(upstream.url) });
    const key = await newKey(batches, {});
    const file = await batches.upload(lineOf("1", undefined, "bge") + lineOf("2", undefined, "bge"), key);
    const { id } = await batches.create(file["id"], key);
    const batch = await batches.until(id, ended, key);
    expect(batch).toMatchObject({ status: "completed", cost: 0.0004 });
    await expect
      .poll(async () => (await batches.call("GET", `/key/info?key=${key}`)).body, { timeout: 60_000 })
      .toMatchObject({ info: { spend: 0.0004 } });
  });

  it("waits when the budget is used up, and goes on when there is more", async () => {
    await using upstream = await startUpstream();
    await using batches = await startBatches({ yaml: withDatabase(upstream.url), settings: "concurrency: 1" });
    const key = await newKey(batches, { max_budget: 0.0001 });
    const file = await batches.upload(lineOf("1", undefined, "bge") + lineOf("2", undefined, "bge"), key);
    const { id } = await batches.create(file["id"], key);
    await expect
      .poll(async () => (await batches.call("GET", `/v1/batches/${String(id)}`)).body, { timeout: 60_000 })
      .toMatchObject({
        status: "in_progress",
        request_counts: { completed: 1, failed: 0 },
        paused_for: expect.stringContaining("budget"),
      });
    expect(upstream.requests).toHaveLength(1);
    await batches.call("POST", "/key/update", JSON.stringify({ key, max_budget: 1 }));
    expect(await batches.until(id, ended, key)).toMatchObject({
      status: "completed",
      request_counts: { completed: 2 },
    });
  });

  it("asks nothing more once the key is blocked, and says why", async () => {
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    await using upstream = await startUpstream(async (request) => {
      reached.resolve();
      await held.promise;
      scoreByNumber(request);
    });
    await using batches = await startBatches({ yaml: withDatabase(upstream.url), settings: "concurrency: 1" });
    const key = await newKey(batches, {});
    const lines = ["1", "2", "3"].map((query) => lineOf(query, undefined, "bge"));
    const file = await batches.upload(lines.join(""), key);
    const { id } = await batches.create(file["id"], key);
    await reached.promise;
    await batches.call("POST", "/key/block", JSON.stringify({ key }));
    held.resolve();
    const batch = await batches.until(id, ended);
    expect(batch).toMatchObject({ status: "completed", request_counts: { completed: 1, failed: 2 } });
    const blocked = { response: { status_code: 403, body: { message: expect.stringContaining("is blocked") } } };
    expect(await batches.lines(batch["error_file_id"])).toMatchObject([blocked, blocked]);
    expect(upstream.requests).toHaveLength(1);
  });
});

function withDatabase(url: string): string {
  return `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/m, api_base: "${url}", input_cost_per_query: 0.0002 }
general_settings: { master_key: ${batchKey}, database_url: "sqlite::memory:" }`;
}

async function newKey({ call }: BatchProxy, fields: object): Promise<string> {
  const { body } = await call("POST", "/key/generate", JSON.stringify(fields));
  return String(body["key"]);
}
