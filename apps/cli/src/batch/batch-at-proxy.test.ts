import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { type ProxyProcess, startProxy } from "../../../../test/support/proxy-process.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import type { Outcome } from "../testing/processes.ts";
import { type Reranker, startReranker } from "../testing/reranker.ts";
import { type Setting, runInProcess } from "../testing/run-in-process.ts";

const masterKey = "sk-master-of-this-test";
const seconds = 120_000;

describe("batches of a proxy, from a shell", () => {
  let proxy: ProxyProcess;
  let reranker: Reranker;
  let folder: Awaited<ReturnType<typeof createFolder>>;

  beforeAll(async () => {
    reranker = await startReranker({ most: 40, fails: (query) => query === "broken" });
    const params = `{ model: cohere/rerank-v3.5, api_base: "${reranker.url}", api_key: secret, max_retries: 0 }`;
    folder = await createFolder();
    await writeFile(
      file("config.yaml"),
      `
model_list: [{ model_name: m, dheera_ai_params: ${params} }]
general_settings: { master_key: ${masterKey} }
batch_settings: { storage: ${JSON.stringify(file("batches"))} }
`,
    );
    proxy = await startProxy(file("config.yaml"));
  }, seconds);

  afterAll(async () => {
    await proxy?.stop();
    await reranker?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const file = (name: string): string => join(folder.path, name);

  function type(args: readonly string[], setting: Setting = {}): Promise<Outcome> {
    const environment = { DHEERA_AI_API_KEY: masterKey };
    return runInProcess([...args, "--api_base", proxy.url], { environment, ...setting });
  }

  function request(query: string): object {
    return {
      id: `id of ${query}`,
      query,
      documents: [
        { id: "d1", text: "a" },
        { id: "d2", text: "the longest" },
      ],
    };
  }

  async function writeRequests(name: string, queries: readonly string[]): Promise<string> {
    await writeFile(file(name), queries.map((query) => `${JSON.stringify(request(query))}\n`).join(""));
    return file(name);
  }

  it("uploads, follows and downloads, in the order of the input", { timeout: seconds }, async () => {
    const input = await writeRequests("in.jsonl", ["one", "broken", "two"]);
    const { code, stderr } = await type(["batch", input, "--model", "m", "-o", file("out.csv")]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/2 of 3 requests .*1 failed, see/) });
    expect(await readFile(file("out.csv"), "utf8")).toBe(
      `line,query_id,document_id,index,rank,relevance_score
1,id of one,d2,1,1,0.011
1,id of one,d1,0,2,0.001
3,id of two,d2,1,1,0.011
3,id of two,d1,0,2,0.001
`,
    );
    expect(JSON.parse(await readFile(file("out.csv.errors.jsonl"), "utf8"))).toEqual({
      line: 2,
      id: "id of broken",
      error: { code: "provider_failed", message: expect.any(String), status: 502 },
    });
  });

  it("lists batches, says all of one, and downloads what it found", { timeout: seconds }, async () => {
    const input = await writeRequests("listed.jsonl", ["three"]);
    expect(await type(["batch", input, "--model", "dheera_ai/m", "-o", file("listed.csv")])).toMatchObject({ code: 0 });
    const listed: unknown = JSON.parse((await type(["batches", "list"])).stdout);
    expect(listed).toMatchObject([{ status: "completed", request_counts: { total: 1, completed: 1, failed: 0 } }, {}]);
    const id = Array.isArray(listed) ? String(listed[0].id) : "";
    const table = (await type(["batches", "list"], { interactive: true, width: 120 })).stdout;
    expect(table).toMatch(/^batch +state +done/);
    expect(table).toContain("1 of 1");
    const shown = (await type(["batches", "get", id], { interactive: true })).stdout;
    expect(shown).toMatch(new RegExp(`^id +${id}$`, "m"));
    expect(shown).toMatch(/^created_at +20\d\d-\d\d-\d\d \d\d:\d\dZ$/m);
    expect(shown).toMatch(/^completed +1$/m);
    const target = ["--output", file("downloaded.jsonl"), "--errors", file("none.jsonl")];
    expect(await type(["batches", "download", id, ...target])).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(file("downloaded.jsonl"), "utf8"))).toMatchObject({
      custom_id: "1:id of three",
      response: { status_code: 200 },
    });
    expect(await readFile(file("none.jsonl"), "utf8")).toBe("");
    const { stdout } = await type(["batches", "download", id]);
    expect(stdout).toBe(await readFile(file("downloaded.jsonl"), "utf8"));
  });

  it("leaves a batch to the proxy at ctrl-c, follows it again, and ends it", { timeout: seconds }, async () => {
    const many = Array.from({ length: 60 }, (_, at) => `many ${at}`);
    const input = await writeRequests("many.jsonl", many);
    const command = ["batch", input, "--model", "m", "-o", file("many.jsonl.gz")];
    const stop = new AbortController();
    const first = type(command, { stop: stop.signal });
    // It answers no more than 40 before it is released.
    await eventually(() => reranker.answered.length).toBe(40);
    stop.abort(new Error("SIGINT received"));
    const { code, stderr } = await first;
    const [, id = ""] = /dheera_ai batches cancel (batch_\w+) /.exec(stderr) ?? [];
    expect({ code, id }).toEqual({ code: 1, id: expect.stringMatching(/^batch_/) });

    expect(await type(["batches", "download", id])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("has not ended"),
    });
    expect(await type(["batches", "cancel", id])).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect(await type(["batches", "cancel", id, "--yes"])).toMatchObject({ code: 0 });
    const again = await type(command);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/of 60 requests .* failed/) });
    const ended = "dheera_ai: Cannot cancel a batch with status 'cancelled'.\n";
    expect(await type(["batches", "cancel", id, "--yes"])).toMatchObject({ code: 1, stderr: ended });
    const failed = (await readFile(file("many.jsonl.gz.errors.jsonl"), "utf8")).trimEnd().split("\n");
    expect(failed.map((line): unknown => JSON.parse(line).error.code)).toContain("batch_cancelled");
    // Each once, in the results or beside them.
    const answered = Number(/(\d+) of 60 requests ·/.exec(again.stderr)?.[1]);
    expect(answered + failed.length).toBe(60);
    expect(new Set(reranker.pairs).size).toBe(reranker.pairs.length);
  });

  it("says what the proxy says: a key that it does not know, a batch that is not there", async () => {
    const input = await writeRequests("refused.jsonl", ["four"]);
    const command = ["batch", input, "--model", "m", "-o", file("refused.jsonl.out"), "--format", "jsonl"];
    expect(await type([...command, "--api_key", "sk-other"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the proxy does not know the key"),
    });
    expect(await type(["batches", "get", "batch_gone"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("batch_id: there is no such batch"),
    });
  });
});
