import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { readdir } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { batchKey, ended, formOf, lineOf, startBatches } from "../../fixtures/start-batches.ts";
import { oneModel, startProxy } from "../../fixtures/start-proxy.ts";

const authorization = `Bearer ${batchKey}`;

describe("a file", () => {
  it("comes back as it was sent, and is gone once it is deleted", async () => {
    await using batches = await startBatches();
    const sent = Array.from({ length: 3_000 }, (_, number) => lineOf(`line ${number}`)).join("");
    const file = await batches.upload(sent);
    expect(file).toMatchObject({ object: "file", bytes: sent.length, filename: "lines.jsonl", purpose: "batch" });
    const path = `/v1/files/${String(file["id"])}`;
    const content = await batches.proxy.get(`${path}/content`, { authorization });
    expect(content.headers.get("content-length")).toBe(String(sent.length));
    expect(await content.text()).toBe(sent);
    expect(await batches.call("DELETE", path)).toEqual({
      status: 200,
      body: { id: file["id"], object: "file", deleted: true },
    });
    for (const gone of [path, `${path}/content`]) expect((await batches.call("GET", gone)).status).toBe(404);
  });

  it("may be packed with gzip", async () => {
    await using batches = await startBatches();
    const sent = lineOf("one") + lineOf("two");
    const file = await batches.upload(new Blob([gzipSync(sent)]));
    expect(file).toMatchObject({ bytes: sent.length });
    expect(await batches.lines(file["id"])).toMatchObject([{ custom_id: "one" }, { custom_id: "two" }]);
  });

  it("may stand before the fields that say what it is, as curl sends them in any order", async () => {
    await using batches = await startBatches();
    const form = new FormData();
    form.set("file", new Blob([lineOf("one")]), "first.jsonl");
    form.set("expires_after[anchor]", "created_at");
    form.set("expires_after[seconds]", "7200");
    form.set("purpose", "batch");
    const { status, body } = await batches.call("POST", "/files", form);
    expect({ status, body }).toMatchObject({ status: 200, body: { filename: "first.jsonl" } });
    expect(Number(body["expires_at"]) - Number(body["created_at"])).toBe(7_200);
  });

  it.each([
    ["purpose: is required", (form: FormData) => form.delete("purpose")],
    ['purpose: must be "batch"', (form: FormData) => form.set("purpose", "fine-tune")],
    ["file: is required", (form: FormData) => form.delete("file")],
    ["expires_after.anchor: is required", (form: FormData) => form.set("expires_after[seconds]", "7200")],
    [
      "expires_after.seconds: must be at least 3600",
      (form: FormData) => {
        form.set("expires_after[anchor]", "created_at");
        form.set("expires_after[seconds]", "60");
      },
    ],
    [
      "the form has more than one file and 20 fields",
      (form: FormData) => form.set("another", new Blob(["{}"]), "another.jsonl"),
    ],
  ])("is refused with %s, and nothing of it is kept", async (message, change) => {
    await using batches = await startBatches();
    const form = formOf(lineOf("one"));
    change(form);
    const answer = await batches.call("POST", "/v1/files", form);
    expect(answer).toMatchObject({ status: 400, body: { error: { message, type: "invalid_request_error" } } });
    expect((await batches.call("GET", "/v1/files")).body).toMatchObject({ data: [] });
  });

  it("is refused as JSON, with what is wanted", async () => {
    await using batches = await startBatches();
    const answer = await batches.proxy.post("/v1/files", { purpose: "batch" }, { authorization });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("multipart/form-data")]);
  });

  it.each([
    ["max_file_bytes: 10000", 413],
    ["max_lines: 50", 413],
    ["max_line_bytes: 50", 413],
    ["max_bytes_per_key: 10000", 413],
  ])("beyond %s is refused", async (settings, status) => {
    await using batches = await startBatches({ settings });
    const lines = Array.from({ length: 100 }, (_, number) => lineOf(`line ${number}`)).join("");
    const answer = await batches.call("POST", "/v1/files", formOf(lines));
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status });
    expect((await batches.call("GET", "/v1/files")).body).toMatchObject({ data: [] });
  });

  it("may be larger than the bodies of other requests", async () => {
    await using batches = await startBatches({
      yaml: `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${batchKey}, max_request_size_mb: 0.01 }`,
    });
    const lines = Array.from({ length: 1_000 }, (_, number) => lineOf(`line ${number}`)).join("");
    expect(await batches.upload(lines)).toMatchObject({ bytes: lines.length });
  });

  it("is nowhere when its client goes away in the middle", async () => {
    await using batches = await startBatches();
    const upload = httpRequest(`${batches.proxy.url}/v1/files`, {
      method: "POST",
      headers: { authorization, "content-type": "multipart/form-data; boundary=x" },
    });
    upload.on("error", () => {});
    upload.write('--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n');
    upload.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n');
    // Enough for parts that are written before all is there.
    const line = lineOf("a line", ["x".repeat(10_000)]);
    for (let sent = 0; sent < 400; sent++) if (!upload.write(line)) await once(upload, "drain");
    const folder = async (): Promise<number> => (await partsIn(batches.folder)).length;
    await expect.poll(folder, { timeout: 60_000 }).toBeGreaterThan(0);
    upload.destroy();
    await expect.poll(folder, { timeout: 60_000 }).toBe(0);
    expect((await batches.call("GET", "/v1/files")).body).toMatchObject({ data: [] });
  });

  it("is answered before it has arrived where it is refused", async () => {
    await using batches = await startBatches({ settings: "max_line_bytes: 1000" });
    const upload = httpRequest(`${batches.proxy.url}/v1/files`, {
      method: "POST",
      headers: { authorization, "content-type": "multipart/form-data; boundary=x" },
    });
    upload.on("error", () => {});
    const answered = once(upload, "response");
    upload.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n');
    upload.write("x".repeat(100_000));
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    expect(await text(response)).toContain("line 1");
    upload.destroy();
  });

  it("that a batch reads is kept until the batch has ended", async () => {
    await using batches = await startBatches({ settings: "run_in_proxy: false" });
    const file = await batches.upload(lineOf("one"));
    await batches.create(file["id"]);
    const { status, body } = await batches.call("DELETE", `/v1/files/${String(file["id"])}`);
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { type: "invalid_request_error" } } });
  });
});

describe("lists", () => {
  it("have pages of files, newest first, by purpose", async () => {
    await using batches = await startBatches();
    const ids: unknown[] = [];
    for (const name of ["one", "two", "three"]) ids.unshift((await batches.upload(lineOf(name)))["id"]);
    const { id } = await batches.create(ids[0]);
    await batches.until(id, ended);
    const first = await batches.call("GET", "/v1/files?purpose=batch&limit=2");
    expect(first.body).toMatchObject({ first_id: ids[0], last_id: ids[1], has_more: true });
    const second = await batches.call("GET", `/v1/files?purpose=batch&limit=2&after=${String(ids[1])}`);
    expect(second.body).toMatchObject({ data: [{ id: ids[2] }], has_more: false });
    expect((await batches.call("GET", "/v1/files?purpose=batch_output")).body).toMatchObject({
      data: [{ purpose: "batch_output" }],
    });
    expect((await batches.call("GET", "/v1/batches?limit=1")).body).toMatchObject({ data: [{ id }], has_more: false });
    // As OpenAI, which knows more purposes.
    expect((await batches.call("GET", "/v1/files?purpose=vision")).body).toMatchObject({ data: [], has_more: false });
  });

  it("have the oldest first where that is asked for", async () => {
    await using batches = await startBatches({ settings: "run_in_proxy: false" });
    const ids: unknown[] = [];
    for (const name of ["one", "two", "three"]) ids.push((await batches.upload(lineOf(name)))["id"]);
    const first = await batches.call("GET", "/v1/files?order=asc&limit=2");
    expect(first.body).toMatchObject({ first_id: ids[0], last_id: ids[1], has_more: true });
    const second = await batches.call("GET", `/v1/files?order=asc&limit=2&after=${String(ids[1])}`);
    expect(second.body).toMatchObject({ data: [{ id: ids[2] }], has_more: false });
    const made = [await batches.create(ids[0]), await batches.create(ids[1])].map(({ id }) => id);
    const { body } = await batches.call("GET", "/v1/batches?order=asc");
    expect(body).toMatchObject({ first_id: made[0], last_id: made[1] });
  });

  it.each([
    "/v1/files?limit=0",
    "/v1/files?order=up",
    "/v1/batches?order=up",
    "/v1/batches?limit=101",
    "/v1/batches?after=no",
  ])("refuse %s", async (path) => {
    await using batches = await startBatches();
    expect((await batches.call("GET", path)).status).toBe(400);
  });
});

it("says what to set where no place for batches is configured", async () => {
  await using proxy = await startProxy({ yaml: oneModel("http://127.0.0.1:1") });
  for (const path of ["/v1/files", "/v1/batches", "/files/file-1/content"]) {
    const response = await proxy.get(path);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("batch_settings.storage")]);
  }
});

async function partsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() && !/^queue[.-]/.test(entry.name) ? [entry.name] : []));
}
