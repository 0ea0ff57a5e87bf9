import { describe, expect, it } from "vitest";

import { startProxy } from "../testing/processes.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { temporaryFile } from "../testing/temporary-file.ts";
import { startUpstream } from "../testing/upstream.ts";

const question = ["rerank", "--model", "bm25/default", "--query", "What is the capital of the United States?"];
const documents = [
  "Carson City has been the capital of Nevada since 1861.",
  "Saipan is the largest of the Northern Mariana Islands.",
  "Washington, D.C. is the capital of the United States.",
];

describe("dheera_ai rerank", () => {
  it("prints JSON into a pipe: the response as the API gives it", async () => {
    const { code, stdout, stderr } = await runInProcess([...question, "--top_n", "2", ...documents]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      model: "bm25/default",
      results: [{ index: 2 }, { index: 0 }],
      meta: { billed_units: {} },
    });
  });

  it("draws a table on a terminal", async () => {
    const { stdout } = await runInProcess([...question, ...documents], { interactive: true });
    expect(stdout).toMatch(/^ {5}score .* index {2}document\n1 {2}\d\d\.\d{4} {2}█{20} {6}2 {2}Washington, D\.C\. is/);
    expect(stdout).toContain("bm25/default · 3 results of 3 documents");
  });

  it("prints one result a line on request", async () => {
    const { stdout } = await runInProcess([...question, "--output", "jsonl", "--return-documents", ...documents]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toEqual({ index: 2, relevance_score: expect.any(Number), document: { text: documents[2] } });
  });

  it("reads documents from a pipe and from files", async () => {
    expect((await runInProcess([...question, "--output", "jsonl"], { input: documents.join("\n") })).stdout).toMatch(
      /^\{"index":2,/,
    );
    const records = documents.map((content) => JSON.stringify({ name: "capital United States", content })).join("\n");
    await using file = await temporaryFile("documents.jsonl", records);
    const { stdout } = await runInProcess([
      ...question,
      "--file",
      file.path,
      "--rank_fields",
      "content",
      "--output",
      "jsonl",
    ]);
    expect(stdout).toMatch(/^\{"index":2,/);
  });

  it("puts what says the same further back", async () => {
    const again = [documents[2] ?? "", ...documents];
    const ask = [...question, "--top_n", "2", ...again];
    const { stdout } = await runInProcess([...ask, "--diversify", "0.3"]);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ index: 0 }, { index: 1 }], meta: { diversified: true } });
    const plain = await runInProcess([...ask, "--diversify", "1"]);
    expect(JSON.parse(plain.stdout)).toMatchObject({ results: [{ index: 0 }, { index: 3 }] });
    const wrong = await runInProcess([...ask, "--diversify", "2"]);
    expect(wrong).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("diversify.lambda: must be") });
  });

  it("uses the models of a configuration", async () => {
    await using upstream = await startUpstream({ key: "secret" });
    await using config = await temporaryFile(
      "config.yaml",
      `model_list: [{ model_name: bge, dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}", api_key: secret } }]`,
    );
    const { code, stdout } = await runInProcess([
      "rerank",
      "-m",
      "bge",
      "-q",
      "q",
      "-c",
      config.path,
      "short",
      "somewhat longer",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: "bge", results: [{ index: 1 }, { index: 0 }] });
  });

  it("calls a server, with its key", async () => {
    await using upstream = await startUpstream({ key: "secret" });
    const ask = [
      "rerank",
      "-m",
      "huggingface/BAAI/bge-reranker-base",
      "-q",
      "q",
      "--api_base",
      upstream.url,
      "short",
      "somewhat longer",
    ];
    expect(await runInProcess([...ask, "--api_key", "secret"])).toMatchObject({ code: 0 });

    const refused = await runInProcess([...ask, "--api_key", "wrong-key"]);
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^dheera_ai: .*key/) });
    expect(refused.stderr).not.toContain("wrong-key");
  });

  it("calls a proxy", async () => {
    await using proxy = await startProxy([
      "--model",
      "bm25/default",
      "--alias",
      "lexical",
      "--host",
      "127.0.0.1",
      "--port",
      "0",
    ]);
    const asked = await runInProcess([
      "rerank",
      "-m",
      "lexical",
      "-q",
      "capital",
      "--api_base",
      proxy.url,
      "--output",
      "jsonl",
      ...documents,
    ]);
    expect(asked.stdout.trim().split("\n")).toHaveLength(3);
  });

  it("stops waiting when the stop signal is aborted", async () => {
    await using upstream = await startUpstream({ held: true });
    const stop = new AbortController();
    const ask = ["rerank", "-m", "huggingface/m", "-q", "q", "--api_base", upstream.url, "document"];
    const outcome = runInProcess(ask, { stop: stop.signal });
    await upstream.reached;
    stop.abort(new Error("SIGINT received"));
    expect(await outcome).toEqual({ code: 1, stdout: "", stderr: "dheera_ai: the request was cancelled\n" });
  });

  it.each([
    [["rerank", "--query", "q", "d"], "--model is missing"],
    [["rerank", "--model", "bm25/default", "d"], "--query is missing"],
    [[...question], "there are no documents"],
    [[...question, "--top_n", "0", "d"], "--top_n wants a whole number of at least 1"],
    [[...question, "--output", "yaml", "d"], "--output wants table, json or jsonl"],
    [[...question, "--api_base", "localhost:4000", "d"], "--api_base wants an address"],
    [[...question, "--config", "a", "--api_base", "http://localhost", "d"], "give one"],
  ])("refuses %j", async (args, complaint) => {
    const { code, stdout, stderr } = await runInProcess(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(complaint);
    expect(stderr).toContain("Try: dheera_ai rerank --help");
  });

  it("exits with 1 when no deployment can rank", async () => {
    const { code, stdout, stderr } = await runInProcess(["rerank", "--model", "nobody/knows", "--query", "q", "d"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain('"nobody/knows" is not known');
  });
});
