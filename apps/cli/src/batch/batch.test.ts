import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

import { openQueue } from "@dheera-ai/batch";
import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { runCommandLine, startCommandLine } from "../testing/processes.ts";
import { startReranker } from "../testing/reranker.ts";
import { runInProcess } from "../testing/run-in-process.ts";

const seconds = 120_000;

/** A model of Cohere at a loopback server, whose best document is the longest. */
function modelAt(url: string): readonly string[] {
  return ["--model", "cohere/rerank-v3.5", "--api_base", url, "--api_key", "secret"];
}

function requests(count: number): string {
  return Array.from({ length: count }, (_, at) => `${JSON.stringify(request(at))}\n`).join("");
}

function request(at: number): { readonly id: string; readonly query: string; readonly documents: readonly string[] } {
  return { id: `q${at}`, query: `question ${at}`, documents: [`a ${at}`, `the longest ${at}`] };
}

async function linesOf(file: string): Promise<readonly unknown[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return lines.map((line): unknown => JSON.parse(line));
}

describe("dheera_ai batch", () => {
  it("ranks a file into a file, in its order, and says what it took", async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    await writeFile(input, requests(30));
    await using reranker = await startReranker();
    const { code, stdout, stderr } = await runInProcess(["batch", input, ...modelAt(reranker.url), "-o", output]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/out\.jsonl: 30 of 30 requests · 60 pairs in \d+ s \([\d,.]+ pairs\/s\)\n$/);
    expect(await linesOf(output)).toEqual(
      Array.from({ length: 30 }, (_, at) =>
        expect.objectContaining({
          line: at + 1,
          id: `q${at}`,
          results: [expect.objectContaining({ index: 1 }), expect.objectContaining({ index: 0 })],
        }),
      ),
    );
    // Nothing else is left.
    expect(existsSync(`${output}.progress`)).toBe(false);
    expect(existsSync(`${output}.errors.jsonl`)).toBe(false);
  });

  it("puts what is no request, and what failed, beside the output with the number of its line", async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    const bad = ["not JSON", '{"query":"no documents"}', '{"query":"none","documents":[]}', '{"documents":["a"]}'];
    await writeFile(input, `${JSON.stringify(request(0))}\n${bad.join("\n")}\n\n${JSON.stringify(request(1))}\n`);
    await using reranker = await startReranker({ fails: (query) => query === "question 1" });
    const { code, stderr } = await runInProcess(["batch", input, ...modelAt(reranker.url), "-o", output]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/1 of 6 requests .* · 5 failed, see .*out\.jsonl\.errors\.jsonl\n$/),
    });
    expect(await linesOf(output)).toEqual([expect.objectContaining({ line: 1, id: "q0" })]);
    expect(await linesOf(`${output}.errors.jsonl`)).toEqual([
      { line: 2, error: { code: "invalid_request", message: expect.stringContaining("not a JSON object") } },
      { line: 3, error: { code: "invalid_request", message: '"documents" must be a list of texts or objects' } },
      { line: 4, error: { code: "invalid_request", message: expect.stringContaining("documents"), status: 400 } },
      { line: 5, error: { code: "invalid_request", message: '"query" must be a text' } },
      { line: 7, id: "q1", error: { code: "provider_failed", message: expect.any(String), status: 502 } },
    ]);
  });

  it("answers a line of OpenAI's batches with one of OpenAI's outputs", async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    const { id: custom_id, ...body } = request(0);
    await writeFile(input, JSON.stringify({ custom_id, method: "POST", url: "/v1/rerank", body }));
    await using reranker = await startReranker();
    expect(await runInProcess(["batch", input, ...modelAt(reranker.url), "-o", output])).toMatchObject({ code: 0 });
    expect(await linesOf(output)).toEqual([
      {
        id: expect.stringMatching(/^batch_req_/),
        custom_id,
        response: {
          status_code: 200,
          request_id: expect.any(String),
          body: expect.objectContaining({ object: "list", results: [expect.anything(), expect.anything()] }),
        },
        error: null,
      },
    ]);
  });

  it("reads a pipe and writes to one, and makes requests of consecutive rows of a table", async () => {
    await using reranker = await startReranker();
    const table = 'query,document,document_id\nfirst,short,a\nfirst,"much, much longer",b\nsecond,only,c\n';
    const { code, stdout } = await runInProcess(
      ["batch", "-", "--input_format", "csv", "--format", "csv", "-o", "-", ...modelAt(reranker.url)],
      { input: table },
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "line,query_id,document_id,index,rank,relevance_score\n2,,b,1,1,0.017\n2,,a,0,2,0.005\n4,,c,0,1,0.004\n",
    });
    expect(reranker.answered.toSorted()).toEqual(["first", "second"]);
  });

  it("reads and writes pipes as a process, once", { timeout: seconds }, async () => {
    const { code, stdout } = await runCommandLine(["batch", "-", "--model", "bm25/default", "-o", "-"], {
      input: requests(300),
    });
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line).id)).toEqual(Array.from({ length: 300 }, (_, at) => `q${at}`));
  });

  it("ranks a run of TREC again, packed or not", async () => {
    await using folder = await createFolder();
    const file = (name: string): string => join(folder.path, name);
    await writeFile(
      file("bm25.run"),
      "q1 Q0 d1 1 9.5 bm25\nq1 Q0 d2 2 8.5 bm25\nq2 Q0 d2 1 1 bm25\nq3 Q0 d1 1 1 bm25\n",
    );
    await writeFile(file("queries.tsv"), "q1\tone\nq2\ttwo\n");
    await writeFile(
      file("corpus.jsonl.gz"),
      gzipSync('{"_id":"d1","text":"short"}\n{"_id":"d2","text":"a longer one"}\n'),
    );
    await using reranker = await startReranker();
    const texts = ["--queries", file("queries.tsv"), "--documents", file("corpus.jsonl.gz")];
    const output = file("out.run.gz");
    const { code } = await runInProcess(["batch", file("bm25.run"), ...texts, ...modelAt(reranker.url), "-o", output]);
    expect(code).toBe(1);
    expect(gunzipSync(await readFile(output)).toString()).toBe(
      "q1 Q0 d2 1 0.012 cohere/rerank-v3.5\nq1 Q0 d1 2 0.005 cohere/rerank-v3.5\nq2 Q0 d2 1 0.012 cohere/rerank-v3.5\n",
    );
    expect(await linesOf(`${output}.errors.jsonl`)).toEqual([
      {
        line: 3,
        id: "q3",
        error: { code: "invalid_request", message: expect.stringContaining("no query of this id") },
      },
    ]);
  });

  it("writes Parquet that it reads again", async () => {
    await using folder = await createFolder();
    const file = (name: string): string => join(folder.path, name);
    await writeFile(file("in.jsonl"), requests(3));
    await using reranker = await startReranker();
    const model = modelAt(reranker.url);
    const first = ["batch", file("in.jsonl"), ...model, "-o", file("one.parquet"), "--return_documents"];
    expect(await runInProcess(first)).toMatchObject({ code: 0 });
    const second = ["batch", file("one.parquet"), ...model, "-o", file("two.csv"), "--return_documents"];
    expect(await runInProcess(second)).toMatchObject({ code: 0 });
    expect((await readFile(file("two.csv"), "utf8")).split("\n").slice(0, 3)).toEqual([
      "line,query_id,document_id,index,rank,relevance_score,query,document",
      "1,q0,,0,1,0.013,question 0,the longest 0",
      "1,q0,,1,2,0.003,question 0,a 0",
    ]);
    // They were scored before.
    expect(reranker.pairs).toHaveLength(12);
  });

  it("goes on after it was killed, and no pair is answered twice", { timeout: seconds }, async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    await writeFile(input, requests(120));
    await using reranker = await startReranker({ most: 70 });
    const command = ["batch", input, ...modelAt(reranker.url), "-o", output, "--concurrency", "8"];
    const killed = startCommandLine(command);
    await eventually(() => reranker.answered.length).toBe(70);
    // What was answered is kept soon after: no less than all of it, when nothing more comes.
    await eventually(async () => await keptLines(`${output}.progress`)).toBe(70);
    killed.kill();
    expect((await killed.outcome).code).toBeNull();
    await eventually(() => reranker.connections()).toBe(0);
    expect(existsSync(output)).toBe(false);

    reranker.release();
    const { code, stderr } = await runCommandLine(command);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/out\.jsonl: 120 of 120 requests/) });
    expect(reranker.pairs).toHaveLength(240);
    expect(new Set(reranker.pairs).size).toBe(240);
    expect((await linesOf(output)).map((line) => typeof line === "object" && line && "id" in line && line.id)).toEqual(
      Array.from({ length: 120 }, (_, at) => `q${at}`),
    );
  });

  it("stops at ctrl-c, says how to go on, and writes what there is when asked", { timeout: seconds }, async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    await writeFile(input, requests(20));
    await using reranker = await startReranker({ most: 6 });
    const command = ["batch", input, ...modelAt(reranker.url), "-o", output, "--concurrency", "2"];
    const stop = new AbortController();
    const running = runInProcess(command, { stop: stop.signal });
    await eventually(() => reranker.answered.length).toBe(6);
    await eventually(async () => await keptLines(`${output}.progress`)).toBe(6);
    stop.abort(new Error("SIGINT received"));
    const stopped = await running;
    expect(stopped).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/interrupted: .* the same command goes on/),
    });
    expect(existsSync(output)).toBe(false);

    const finished = await runInProcess([...command, "--finish"]);
    expect(finished).toMatchObject({ code: 1, stderr: expect.stringContaining("6 of 20 requests") });
    expect(await linesOf(output)).toHaveLength(6);
    expect(await linesOf(`${output}.errors.jsonl`)).toHaveLength(14);
    expect(reranker.answered).toHaveLength(6);
  });

  it("stops before it costs more than it may, and goes on with a higher ceiling", { timeout: seconds }, async () => {
    await using folder = await createFolder();
    const file = (name: string): string => join(folder.path, name);
    await writeFile(file("in.jsonl"), requests(10));
    await using reranker = await startReranker();
    const params = `{ model: cohere/rerank-v3.5, api_base: "${reranker.url}", api_key: secret, max_retries: 0 }`;
    await writeFile(
      file("config.yaml"),
      `model_list: [{ model_name: m, dheera_ai_params: ${params}, model_info: { input_cost_per_query: 0.01 } }]`,
    );
    const command = ["batch", file("in.jsonl"), "-m", "m", "-c", file("config.yaml"), "-o", file("out.csv")];
    const first = await runInProcess([...command, "--max_cost", "0.055"]);
    expect(first).toMatchObject({ code: 1 });
    expect(first.stderr).toMatch(
      /stopped before the ceiling of \$0\.055 could be passed: 4 of 10 requests are done, for \$0\.04 /,
    );
    expect(reranker.answered).toHaveLength(4);
    const second = await runInProcess([...command, "--max_cost", "0.2"]);
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining("$0.1") });
    expect(reranker.answered).toHaveLength(10);
  });

  it("stops when the key is refused, and nothing has failed for good", { timeout: seconds }, async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    await writeFile(input, requests(5));
    await using reranker = await startReranker({ key: "secret" });
    const wrong = ["batch", input, "--model", "cohere/rerank-v3.5", "--api_base", reranker.url, "-o", output];
    const refused = await runInProcess([...wrong, "--api_key", "other"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/0 of 5 requests are done; .* goes on/) });
    expect(await runInProcess([...wrong, "--api_key", "secret"])).toMatchObject({ code: 0 });
    expect(await linesOf(output)).toHaveLength(5);
  });

  it("stops when no server answers for a while", { timeout: seconds }, async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    await writeFile(input, requests(2));
    const command = ["batch", input, ...modelAt("http://127.0.0.1:1"), "-o", output, "--patience", "0"];
    const { code, stderr } = await runInProcess(command);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/nothing was answered for a while/) });
    expect(existsSync(`${output}.progress`)).toBe(true);
  });

  it("replaces nothing that is there, and goes on with nothing that is not the same", async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    await writeFile(input, requests(2));
    await writeFile(output, "mine");
    const there = await runInProcess(["batch", input, "--model", "bm25/default", "-o", output]);
    expect(there).toMatchObject({ code: 2, stderr: expect.stringContaining("--overwrite replaces it") });
    expect(await readFile(output, "utf8")).toBe("mine");
    const replaced = await runInProcess(["batch", input, "--model", "bm25/default", "-o", output, "--overwrite"]);
    expect(replaced).toMatchObject({ code: 0 });
    expect(await linesOf(output)).toHaveLength(2);

    const other = join(folder.path, "other.jsonl");
    await using reranker = await startReranker({ most: 0 });
    const stop = new AbortController();
    const command = ["batch", input, ...modelAt(reranker.url), "-o", other];
    const begun = runInProcess(command, { stop: stop.signal });
    await eventually(() => reranker.connections()).toBeGreaterThan(0);
    stop.abort(new Error("SIGINT received"));
    expect(await begun).toMatchObject({ code: 1 });
    expect(await runInProcess([...command, "--top_n", "1"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("another model or other options"),
    });
    await writeFile(input, requests(3));
    expect(await runInProcess(command)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("another input"),
    });
  });

  it.each([
    [["in.jsonl"], "--output is missing"],
    [["in.jsonl", "-o", "in.jsonl", "-m", "bm25/default"], "is read and written"],
    [["in.jsonl", "-o", "out.txt", "-m", "bm25/default"], "does not tell its format"],
    [["in.jsonl", "-o", "none/out.csv", "-m", "bm25/default"], "there is no folder"],
    [["gone.jsonl", "-o", "out.csv", "-m", "bm25/default"], "gone.jsonl cannot be read"],
    [["in.jsonl", "-o", "out.csv"], "--model is missing"],
    [["in.jsonl", "-o", "-", "--format", "parquet", "-m", "bm25/default"], "Parquet is written to a file"],
    [["in.jsonl", "-o", "out.csv", "-m", "name"], "name is not known"],
    [["in.jsonl", "-o", "out.csv", "-m", "n", "--api_base", "http://localhost", "--max_cost", "1"], "budget"],
    [["in.jsonl", "-o", "out.csv", "-m", "llm/gpt-4o-mini", "--max_cost", "1"], "--unknown_cost allow"],
    [["in.jsonl", "-o", "out.csv", "-m", "bm25/default", "--finish"], "nothing to write"],
    [["in.jsonl", "--input_format", "trec", "-o", "out.csv", "-m", "bm25/default"], "--queries and --documents"],
  ])("refuses %j before anything is asked, and leaves nothing", async (args, reason) => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "in.jsonl"), requests(1));
    const named = args.map((arg) => (/^(in|out|gone|none).*\.\w+$/.test(arg) ? join(folder.path, arg) : arg));
    const { code, stderr } = await runInProcess(["batch", ...named]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(reason) });
    expect(existsSync(join(folder.path, "out.csv.progress"))).toBe(false);
  });

  it("lets one command at a time work in a folder", { timeout: seconds }, async () => {
    await using folder = await createFolder();
    const [input, output] = [join(folder.path, "in.jsonl"), join(folder.path, "out.jsonl")];
    await writeFile(input, requests(2));
    await using reranker = await startReranker({ most: 0 });
    const command = ["batch", input, ...modelAt(reranker.url), "-o", output];
    const first = runInProcess(command);
    await eventually(() => reranker.connections()).toBeGreaterThan(0);
    expect(await runInProcess(command)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("works in it already"),
    });
    reranker.release();
    expect(await first).toMatchObject({ code: 0 });
  });
});

/** How many requests have ended for good. */
async function keptLines(folder: string): Promise<number> {
  const queue = await openQueue(folder);
  try {
    const [batch] = await queue.listBatches({ limit: 1 });
    return batch ? batch.counts.completed + batch.counts.failed : 0;
  } finally {
    await queue.close();
  }
}
