import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { readdir } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { describe, expect, it } from "vitest";

import { eventually } from "../../../../../test/support/eventually.ts";
import { needs } from "../../../../../test/support/programs.ts";
import { startRedisServer } from "../../../../../test/support/redis-server.ts";
import { type BatchProxy, batchKey, bm25, formOf, lineOf, startBatches } from "../../fixtures/start-batches.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";

describe("uploads at one time", () => {
  it.each([
    ["max_open_uploads", "2 files are being uploaded, and no more may be at one time"],
    ["max_open_uploads_per_key", "2 files are being uploaded with this key, and no more may be at one time"],
  ])("are as many as %s says, and others are told to come back", async (setting, message) => {
    await using batches = await startBatches({ settings: `${setting}: 2` });
    const [first, second] = [slowUpload(batches), slowUpload(batches)];
    await eventually(() => openUploads(batches)).toBe(2);
    const refused = await fetch(`${batches.proxy.url}/v1/files`, {
      method: "POST",
      headers: { authorization },
      body: formOf(lineOf("one")),
    });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "10"]);
    expect(await refused.json()).toMatchObject({
      error: { code: "rate_limited", message: expect.stringContaining(`${message} (batch_settings.${setting})`) },
    });
    first.end();
    expect((await first.answer).statusCode).toBe(200);
    expect(await batches.upload(lineOf("one"))).toMatchObject({ object: "file" });
    second.destroy();
    await eventually(() => openUploads(batches)).toBe(0);
  });

  it("count together against what a key may have, at all proxies of one Redis", needs("redis-server"), async () => {
    await using redis = await startRedisServer();
    await using folder = await temporaryFolder();
    const yaml = `${bm25}\nrouter_settings: { redis_url: "${redis.url}" }`;
    const settings = "max_bytes_per_key: 3000000";
    await using one = await startBatches({ yaml, folder: folder.path, settings });
    await using other = await startBatches({ yaml, folder: folder.path, settings });
    const first = slowUpload(one);
    for (let sent = 0; sent < 240; sent++) if (!first.write(longLine)) await first.drained();
    await eventually(async () => (await partsIn(folder.path)).length).toBe(2);
    const refused = await other.call("POST", "/v1/files", formOf(longLine.repeat(120)));
    expect(refused).toMatchObject({ status: 413, body: { error: { param: "file" } } });
    expect(JSON.stringify(refused.body)).toContain("batch_settings.max_bytes_per_key");
    first.destroy();
    await eventually(() => openUploads(other)).toBe(0);
    expect(await other.upload(longLine.repeat(120))).toMatchObject({ bytes: 120 * longLine.length });
    await eventually(async () => (await partsIn(folder.path)).length).toBe(2);
  });
});

describe("an upload", () => {
  it("that says nothing any more is ended, and nothing of it is kept", async () => {
    await using batches = await startBatches({ settings: "upload_stall_timeout: 1s" });
    const upload = slowUpload(batches);
    const answer = await upload.answer;
    expect(answer.statusCode).toBe(504);
    expect(await text(answer)).toContain(
      "less than 64 KiB arrived within 1 seconds (batch_settings.upload_stall_timeout)",
    );
    await eventually(() => openUploads(batches)).toBe(0);
    expect(await partsIn(batches.folder)).toEqual([]);
  });

  it("that brings a few bytes now and then is ended too", async () => {
    await using batches = await startBatches({ settings: "upload_stall_timeout: 1s" });
    const upload = slowUpload(batches);
    const dripping = setInterval(() => upload.write(" "), 20);
    const answer = await upload.answer;
    clearInterval(dripping);
    expect(answer.statusCode).toBe(504);
    expect((await batches.call("GET", "/v1/files")).body).toMatchObject({ data: [] });
  });

  it.each([
    ["purpose", "fine-tune", 'purpose: must be "batch"'],
    ["expires_after[anchor]", "now", 'expires_after.anchor: must be "created_at"'],
    ["expires_after[seconds]", "never", "expires_after.seconds: must be a whole number of seconds"],
  ])("whose %s is wrong is refused before its file has come", async (name, value, message) => {
    await using batches = await startBatches();
    const upload = slowUpload(batches, { [name]: value });
    const answer = await upload.answer;
    expect(answer.statusCode).toBe(400);
    expect(await text(answer)).toContain(JSON.stringify(message));
  });

  it.each([
    ["purpose", "fine-tune"],
    ["expires_after[seconds]", "60"],
  ])("whose %s is wrong behind the file leaves nothing of it", async (name, value) => {
    await using batches = await startBatches();
    const form = new FormData();
    form.set("file", new Blob([longLine.repeat(300)]), "lines.jsonl");
    form.set("purpose", "batch");
    form.set(name, value);
    expect(await batches.call("POST", "/v1/files", form)).toMatchObject({ status: 400 });
    expect(await partsIn(batches.folder)).toEqual([]);
    expect(await openUploads(batches)).toBe(0);
  });

  it("that never comes to its file takes a place, and is refused when its fields are too long", async () => {
    await using batches = await startBatches();
    const upload = slowUpload(batches, { purpose: "batch" }, {}, 'name="note"');
    await eventually(() => openUploads(batches)).toBe(1);
    const endless = setInterval(() => upload.write("x".repeat(50_000)), 5);
    const answer = await upload.answer.finally(() => clearInterval(endless));
    expect(answer.statusCode).toBe(413);
    expect(await text(answer)).toContain("file: it must begin within the first 400000 bytes of the form");
    await eventually(() => openUploads(batches)).toBe(0);
  });

  it("that says itself that it is too large is refused before it comes", async () => {
    await using batches = await startBatches({ settings: "max_file_bytes: 1000000" });
    const upload = slowUpload(batches, {}, { "content-length": "2000000" });
    const answer = await upload.answer;
    expect(answer.statusCode).toBe(413);
    expect(await text(answer)).toContain("it has more than 1000000 bytes");
  });
});

const authorization = `Bearer ${batchKey}`;
const longLine = lineOf("a line", ["x".repeat(10_000)]);

/** An upload whose file has begun and goes on as the test says. */
interface SlowUpload {
  readonly answer: Promise<IncomingMessage>;
  write(text: string): boolean;
  drained(): Promise<unknown>;
  /** With what was written as the whole file. */
  end(): void;
  destroy(): void;
}

function slowUpload(
  { proxy }: BatchProxy,
  fields: Readonly<Record<string, string>> = { purpose: "batch" },
  headers: Readonly<Record<string, string>> = {},
  last = 'name="file"; filename="a.jsonl"',
): SlowUpload {
  const upload: ClientRequest = httpRequest(`${proxy.url}/v1/files`, {
    method: "POST",
    headers: { authorization, "content-type": "multipart/form-data; boundary=x", ...headers },
  });
  upload.on("error", () => {});
  const answer = once(upload, "response").then(([response]) => response);
  answer.catch(() => {});
  for (const [name, value] of Object.entries(fields))
    upload.write(`--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  upload.write(`--x\r\ncontent-disposition: form-data; ${last}\r\n\r\n`);
  upload.write(lineOf("first"));
  return {
    answer,
    write: (more) => upload.write(more),
    drained: () => once(upload, "drain"),
    end: () => void upload.end("\r\n--x--\r\n"),
    destroy: () => void upload.destroy(),
  };
}

async function openUploads({ proxy }: BatchProxy): Promise<number> {
  const page = await (await proxy.get("/metrics", { authorization })).text();
  return Number(/^dheera_ai_batch_open_uploads (\d+)$/m.exec(page)?.[1]);
}

/** Of files that are stored, or being stored. */
async function partsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() && entry.name.endsWith(".gz") ? [entry.name] : []));
}
