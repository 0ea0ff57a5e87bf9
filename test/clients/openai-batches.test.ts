import { text } from "node:stream/consumers";

import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startSimulator } from "../simulator/simulator.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const key = "sk-master-of-the-batches";
const otherKey = "sk-other-of-the-batches";
const stack = new AsyncDisposableStack();
let proxy: ProxyProcess;
let openai: OpenAI;

beforeAll(async () => {
  const upstream = stack.use(await startSimulator());
  const folder = stack.use(await createFolder());
  const config = stack.use(
    await createFolder({
      "config.yaml": `
model_list: [{ model_name: reranker, dheera_ai_params: { model: huggingface/simulated, api_base: "${upstream.url}" } }]
general_settings: { master_key: ${key}, keys: [{ name: other, key: os.environ/OTHER_KEY }] }
batch_settings: { storage: ${JSON.stringify(folder.path)}, max_line_bytes: 10000 }
`,
    }),
  );
  proxy = stack.use(await startProxy(`${config.path}/config.yaml`, { OTHER_KEY: otherKey }));
  openai = clientOf(key);
}, 120_000);

afterAll(() => stack.disposeAsync());

describe("OpenAI's client for Node.js, unmodified", () => {
  it("uploads, creates, follows and downloads a batch", async () => {
    const lines = [line("capital", ["Paris is the capital of France.", "Bread."]), line("bread", ["Bread.", "Paris."])];
    const file = await openai.files.create({
      purpose: "batch",
      file: await toFile(Buffer.from(lines.join("\n")), "lines.jsonl"),
      expires_after: { anchor: "created_at", seconds: 3_600 },
    });
    expect(file).toMatchObject({ object: "file", filename: "lines.jsonl", purpose: "batch", status: "processed" });
    expect((file.expires_at ?? 0) - file.created_at).toBe(3_600);
    expect(await openai.files.waitForProcessing(file.id)).toMatchObject({ id: file.id });

    const created = await createBatch(openai, file.id, { team: "search" });
    expect(created).toMatchObject({ object: "batch", endpoint: "/v1/rerank", metadata: { team: "search" } });
    const batch = await untilEnded(openai, created.id);
    expect(batch).toMatchObject({
      status: "completed",
      error_file_id: null,
      errors: null,
      request_counts: { total: 2, completed: 2, failed: 0 },
    });
    const output = await linesOf(openai, batch.output_file_id ?? "");
    expect(output.map(({ custom_id }) => custom_id)).toEqual(["capital", "bread"]);
    for (const { response, error } of output) {
      expect(error).toBeNull();
      expect(response).toMatchObject({ status_code: 200, body: { model: "reranker", results: [{}, {}] } });
    }
    const made = await openai.files.retrieve(batch.output_file_id ?? "");
    expect(made).toMatchObject({ purpose: "batch_output" });
  });

  it("lists page by page, and deletes", async () => {
    const client = clientOf(otherKey);
    const files: string[] = [];
    for (const name of ["first", "second", "third"])
      files.unshift((await upload(client, [line(name, ["a"])], name)).id);
    const batches: string[] = [];
    for (const file of files) batches.unshift((await createBatch(client, file)).id);
    for (const batch of batches) await untilEnded(client, batch);

    const seen: string[] = [];
    for await (const file of client.files.list({ limit: 2, purpose: "batch" })) seen.push(file.id);
    expect(seen).toEqual(files);
    const oldestFirst: string[] = [];
    for await (const file of client.files.list({ limit: 2, purpose: "batch", order: "asc" })) oldestFirst.push(file.id);
    expect(oldestFirst).toEqual(files.toReversed());
    // It knows more purposes than files have here.
    expect((await client.files.list({ purpose: "vision" })).data).toEqual([]);
    const listed: string[] = [];
    for await (const batch of client.batches.list({ limit: 2 })) listed.push(batch.id);
    expect(listed).toEqual(batches);

    const [removed = ""] = files;
    expect(await client.files.delete(removed)).toEqual({ id: removed, object: "file", deleted: true });
    await expect(client.files.retrieve(removed)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    // The master key sees all, and what is its own nobody else.
    const [, kept = ""] = files;
    expect(await openai.files.retrieve(kept)).toMatchObject({ id: kept });
    const own = await upload(openai, [line("own", ["a"])], "own");
    await expect(client.files.content(own.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(createBatch(client, own.id)).rejects.toMatchObject({ status: 400, param: "input_file_id" });
  });

  it("cancels a batch", async () => {
    const lines = Array.from({ length: 5_000 }, (_, number) => line(`line ${number}`, [`document ${number}`, "other"]));
    const created = await createBatch(openai, (await upload(openai, lines, "many")).id);
    const cancelled = await openai.batches.cancel(created.id);
    expect(["cancelling", "cancelled"]).toContain(cancelled.status);
    const ended = await untilEnded(openai, created.id);
    expect(ended).toMatchObject({ status: "cancelled", expired_at: null });
    await expect(openai.batches.cancel(created.id)).rejects.toBeInstanceOf(OpenAI.ConflictError);
    await expect(openai.batches.cancel(created.id)).rejects.toMatchObject({
      message: "409 Cannot cancel a batch with status 'cancelled'.",
      type: "invalid_request_error",
    });
  });

  it("says how long the files of a batch are kept", async () => {
    const file = await upload(openai, [line("one", ["a", "b"])], "kept");
    const created = await openai.batches.create({
      input_file_id: file.id,
      // @ts-expect-error its types name OpenAI's endpoints alone
      endpoint: "/v1/rerank",
      completion_window: "24h",
      output_expires_after: { anchor: "created_at", seconds: 86_400 },
    });
    const { output_file_id } = await untilEnded(openai, created.id);
    const output = await openai.files.retrieve(output_file_id ?? "");
    expect((output.expires_at ?? 0) - output.created_at).toBe(86_400);
  });

  it("gets objects with the fields that its types name", async () => {
    const file = await upload(openai, [line("one", ["a", "b"])], "fields");
    expect(Object.keys(file).toSorted()).toEqual([
      "bytes",
      "created_at",
      "expires_at",
      "filename",
      "id",
      "object",
      "purpose",
      "status",
      "status_details",
    ] satisfies (keyof OpenAI.FileObject)[]);
    const batch = await untilEnded(openai, (await createBatch(openai, file.id)).id);
    // Of the newest types, `usage` alone is not there; `cost` and `paused_for` are ours.
    const fields = Object.keys(batch).toSorted();
    expect(fields).toEqual([
      "cancelled_at",
      "cancelling_at",
      "completed_at",
      "completion_window",
      "cost",
      "created_at",
      "endpoint",
      "error_file_id",
      "errors",
      "expired_at",
      "expires_at",
      "failed_at",
      "finalizing_at",
      "id",
      "in_progress_at",
      "input_file_id",
      "metadata",
      "model",
      "object",
      "output_file_id",
      "paused_for",
      "request_counts",
      "status",
    ] satisfies (Exclude<keyof OpenAI.Batch, "usage" | "_request_id"> | "cost" | "paused_for")[]);
  });

  it("says of a file that is wrong in which lines", async () => {
    const wrong = [line("one", ["a"]), line("one", ["again"]), line("one", ["and again"])];
    const created = await createBatch(openai, (await upload(openai, wrong, "wrong")).id);
    const failed = await untilEnded(openai, created.id);
    expect(failed).toMatchObject({ status: "failed", output_file_id: null });
    expect(failed.errors?.data?.map((problem) => problem.line)).toEqual([2, 3]);
  });

  it("finds lines that fail in a file of their own", async () => {
    const lines = [line("right", ["a"]), "no JSON", line("no documents", [])];
    const created = await createBatch(openai, (await upload(openai, lines, "some wrong")).id);
    const batch = await untilEnded(openai, created.id);
    expect(batch).toMatchObject({ status: "completed", request_counts: { total: 3, completed: 1, failed: 2 } });
    expect(await linesOf(openai, batch.output_file_id ?? "")).toMatchObject([{ custom_id: "right" }]);
    const errors = await linesOf(openai, batch.error_file_id ?? "");
    expect(errors).toMatchObject([
      { custom_id: null, response: null, error: { line: 2 } },
      { custom_id: "no documents", response: { status_code: 400, body: { error: { param: "documents" } } } },
    ]);
  });

  it("gets its own kinds of errors", async () => {
    await expect(clientOf("sk-wrong").files.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(openai.batches.retrieve("batch_none")).rejects.toMatchObject({ status: 404, code: "not_found" });
    await expect(createBatch(openai, "file-none")).rejects.toMatchObject({ status: 400, param: "input_file_id" });
    await expect(upload(openai, ["x".repeat(20_000)], "long")).rejects.toMatchObject({ status: 413 });
    const assistants = openai.files.create({ purpose: "assistants", file: await toFile(Buffer.from("{}"), "a.jsonl") });
    await expect(assistants).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});

function clientOf(apiKey: string): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${proxy.url}/v1`, maxRetries: 0 });
}

function line(custom_id: string, documents: readonly string[]): string {
  return JSON.stringify({
    custom_id,
    method: "POST",
    url: "/v1/rerank",
    body: { model: "reranker", query: custom_id, documents },
  });
}

async function upload(client: OpenAI, lines: readonly string[], name: string): Promise<OpenAI.FileObject> {
  return client.files.create({ purpose: "batch", file: await toFile(Buffer.from(lines.join("\n")), `${name}.jsonl`) });
}

async function createBatch(client: OpenAI, file: string, metadata = {}): Promise<OpenAI.Batch> {
  return client.batches.create({
    input_file_id: file,
    // @ts-expect-error its types name OpenAI's endpoints alone
    endpoint: "/v1/rerank",
    completion_window: "24h",
    metadata,
  });
}

async function untilEnded(client: OpenAI, id: string): Promise<OpenAI.Batch> {
  const ended = new Set(["completed", "failed", "expired", "cancelled"]);
  let batch = await client.batches.retrieve(id);
  await expect
    .poll(
      async () => {
        batch = await client.batches.retrieve(id);
        return ended.has(batch.status);
      },
      { timeout: 120_000, interval: 100 },
    )
    .toBe(true);
  return batch;
}

async function linesOf(client: OpenAI, file: string): Promise<readonly Record<string, unknown>[]> {
  const content = await client.files.content(file);
  const all = content.body ? await text(content.body) : "";
  return all
    .trimEnd()
    .split("\n")
    .map((one) => JSON.parse(one));
}
