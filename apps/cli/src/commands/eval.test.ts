import { readFile, writeFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { type JudgedFolder, judgedFolder } from "../testing/judged-folder.ts";
import { runInProcess, type Setting } from "../testing/run-in-process.ts";
import { type Upstream, startUpstream } from "../testing/upstream.ts";

/** A configuration of BM25 and of the upstream, under these names. */
async function configure(folder: JudgedFolder, upstream: Upstream, info = "{}"): Promise<string> {
  const config = folder.file("config.yaml");
  await writeFile(
    config,
    `model_list:
  - { model_name: words, dheera_ai_params: { model: bm25/default } }
  - model_name: length
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}" }
    model_info: ${info}
`,
  );
  return config;
}

async function evaluate(folder: JudgedFolder, args: readonly string[], setting: Setting = {}) {
  return runInProcess(["eval", folder.path, ...args], { environment: folder.environment, ...setting });
}

describe("dheera_ai eval", () => {
  it("prints the report as JSON into a pipe, and writes it and its page to files", async () => {
    await using folder = await judgedFolder();
    const [json, html] = [folder.file("report.json"), folder.file("report.html")];
    const { code, stdout, stderr } = await evaluate(folder, [
      "--models",
      "bm25/default",
      "--json",
      json,
      "--html",
      html,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report: unknown = JSON.parse(stdout);
    expect(report).toMatchObject({
      collection: { name: "towns", documents: 36, queries: 12 },
      models: {
        "bm25/default": {
          metrics: { "ndcg@10": expect.any(Number), "mrr@10": expect.any(Number) },
          documents: 36,
          cost: 0,
          latency: { p50: expect.any(Number), p99: expect.any(Number) },
        },
      },
    });
    expect(JSON.parse(await readFile(json, "utf8"))).toEqual(report);
    expect(await readFile(html, "utf8")).toMatch(/^<!doctype html>/i);
  });

  it("measures all models of a configuration, says which, and draws it within 80 columns", async () => {
    await using folder = await judgedFolder();
    await using upstream = await startUpstream();
    const config = await configure(folder, upstream, "{ input_cost_per_query: 0.002 }");
    const { code, stdout, stderr } = await evaluate(folder, ["--config", config], { interactive: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "models: words, length\n" });
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const stable = stdout.replaceAll(/ *\d[\d.]* m?s\b/g, "  time").replace(/ +p50 +p99/, "  p50  p99");
    expect(stable).toMatchInlineSnapshot(`
      "towns: 12 queries, 36 documents
      candidates: 100 a query, BM25 over the collection, recall 1.000

      model   ndcg@10  95 % interval  difference  mrr@10  recall@10     map
      words    0.5000    0.500–0.500              0.3333     1.0000  0.3333
      length   1.0000    1.000–1.000    +0.500 *  1.0000     1.0000  1.0000

      model  p50  p99  documents    cost  1,000 queries
      words  time  time         36      $0             $0
      length  time  time         36  $0.024          $2.00

      length ranks better than words by 0.500 of ndcg@10 over 12 queries (95 %
      interval +0.500 to +0.500, p < 0.001): that is significant.
      Worth their price, from the cheapest to the best: words, length.
      "
    `);
  });

  it("asks for nothing twice: the second run has everything from the user's cache", async () => {
    await using folder = await judgedFolder();
    const upstream = await startUpstream();
    const config = await configure(folder, upstream);
    const first = await evaluate(folder, ["--config", config]);
    await upstream[Symbol.asyncDispose]();
    const second = await evaluate(folder, ["--config", config]);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(JSON.parse(second.stdout)).toEqual({
      ...JSON.parse(first.stdout),
      kept: 24,
      date: expect.any(String),
    });
  });

  it("asks again where a parameter of the model changed, and not where its key did", async () => {
    await using folder = await judgedFolder(3);
    await using upstream = await startUpstream();
    const run = async (params: string): Promise<unknown> => {
      const config = folder.file("config.yaml");
      await writeFile(
        config,
        `model_list: [{ model_name: m, dheera_ai_params: { model: huggingface/m, api_base: "${upstream.url}"${params} } }]`,
      );
      const { stdout } = await evaluate(folder, ["--config", config]);
      return JSON.parse(stdout).kept;
    };
    expect(await run("")).toBe(0);
    expect(await run(", api_key: hf_other, timeout: 9")).toBe(3);
    expect(await run(", max_tokens_per_document: 100")).toBe(0);
  });

  it("asks again where the file of a plug-in changed, or a server says that it is another model", async () => {
    await using folder = await judgedFolder(3);
    const config = folder.file("config.yaml");
    await writeFile(
      config,
      `plugins: ["./own.mjs"]\nmodel_list: [{ model_name: m, dheera_ai_params: { model: own/m } }]\n`,
    );
    const kept = async (scoresOf: string, fingerprint: string): Promise<unknown> => {
      const profile = `{ scoring: "pointwise", scoreKind: "probability", billing: "compute", limits: {}, fingerprint: process.env.OWN }`;
      await writeFile(
        folder.file("own.mjs"),
        `export default ({ environment }) => ({ name: "own", connect: () => ({
          profile: () => (${profile.replace("process.env.OWN", "environment.OWN")}),
          score: async ({ documents }) => ({ scores: documents.map((text, index) => ({ index, score: ${scoresOf} })) }) }) });`,
      );
      const environment = { ...folder.environment, OWN: fingerprint };
      return JSON.parse((await evaluate(folder, ["--config", config], { environment })).stdout).kept;
    };
    expect(await kept("1 / text.length", "1")).toBe(0);
    expect(await kept("1 / text.length", "1")).toBe(3);
    expect(await kept("1 / (1 + text.length)", "1")).toBe(0);
    expect(await kept("1 / (1 + text.length)", "2")).toBe(0);
  });

  it("holds a ceiling by the price of the configuration, and refuses to begin where there is none", async () => {
    await using folder = await judgedFolder();
    await using upstream = await startUpstream();
    const priced = await configure(folder, upstream, "{ input_cost_per_query: 0.01 }");
    const { code, stdout, stderr } = await evaluate(folder, ["--config", priced, "--max_cost", "0.11"]);
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report.stopped).toMatch(
      /^stopped before the ceiling of \$0.11 could be passed: \d+ of 12 queries were measured, for \$0\.\d+ \(the next one may cost up to \$0\.\d+\)$/,
    );
    expect(stderr).toContain(`${report.stopped}; the same command with a higher --max_cost goes on from there`);
    expect(report.models.length.cost).toBeLessThanOrEqual(0.11);
    expect(report.models.length.cost).toBeGreaterThan(0);
    expect(Object.keys(report.models.words.per_query)).toEqual(Object.keys(report.models.length.per_query));

    const nothing = await evaluate(
      folder,
      ["--config", priced, "--max_cost", "0.001", "--scores", folder.file("new")],
      {
        interactive: true,
      },
    );
    expect(nothing.code).toBe(1);
    expect(nothing.stdout).toMatch(/length +– +–/);
    expect(nothing.stdout).not.toContain("0.0000");

    const config = folder.file("unpriced.yaml");
    await writeFile(config, "model_list: [{ model_name: m, dheera_ai_params: { model: huggingface/m } }]");
    const refused = await evaluate(folder, ["--config", config, "--max_cost", "1"]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("is not known of m, so no ceiling") });
  });

  it("holds a ceiling where long documents are scored in chunks, of which each is billed", async () => {
    await using folder = await judgedFolder();
    await using upstream = await startUpstream();
    const config = folder.file("chunks.yaml");
    const write = (more: string): Promise<void> =>
      writeFile(
        config,
        `model_list:
  - model_name: m
    dheera_ai_params: { model: huggingface/m, api_base: "${upstream.url}", max_tokens_per_document: 8, max_retries: 0${more} }
    model_info: { input_cost_per_token: 0.001 }
`,
      );
    const stopped = async (): Promise<string> => {
      const args = [
        "--config",
        config,
        "--max_cost",
        "0.5",
        "--scores",
        folder.file("none.jsonl"),
        "--concurrency",
        "1",
      ];
      return JSON.parse((await evaluate(folder, args)).stdout).stopped;
    };
    await write("");
    const whole = await stopped();
    await write(", long_documents: chunk_max");
    expect(await stopped()).toContain("0 of 12 queries");
    expect(whole).not.toContain("0 of 12 queries");
  });

  it("counts what each model of a cascade did and cost, and holds a ceiling for all of them", async () => {
    await using folder = await judgedFolder();
    await using upstream = await startUpstream();
    const config = await configure(folder, upstream, "{ input_cost_per_query: 0.01 }");
    const stages = "stages: [{ model: words, keep: 2 }, { model: length }]";
    const cascade = `  - { model_name: both, dheera_ai_params: { model: cascade/both, ${stages} } }\n`;
    await writeFile(config, `${await readFile(config, "utf8")}${cascade}`);
    const { code, stdout } = await evaluate(folder, ["--config", config, "--models", "both", "--max_cost", "1"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).models).toMatchObject({
      both: {
        documents: 60,
        cost: 0.12,
        stages: { words: { documents: 36, queries: 12, cost: 0 }, length: { documents: 24, queries: 12, cost: 0.12 } },
      },
    });
    const refused = await evaluate(folder, [
      "--config",
      config,
      "--models",
      "both",
      "--max_cost",
      "0.001",
      "--scores",
      folder.file("no.jsonl"),
    ]);
    expect(JSON.parse(refused.stdout)).toMatchObject({ sample: { queries: 0 }, stopped: expect.any(String) });
  });

  it.each(["renamed", "by-id"])("holds a ceiling of a cascade that asks a model by the name %s", async (member) => {
    await using folder = await judgedFolder();
    await using upstream = await startUpstream();
    const config = folder.file("config.yaml");
    await writeFile(
      config,
      `model_list:
  - { model_name: words, dheera_ai_params: { model: bm25/default } }
  - model_name: length
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}", max_retries: 0 }
    model_info: { id: by-id, input_cost_per_query: 0.01 }
  - model_name: both
    dheera_ai_params: { model: cascade/both, stages: [{ model: words, keep: 2 }, { model: ${member} }] }
router_settings: { model_group_alias: { renamed: length } }
`,
    );
    const command = ["--config", config, "--models", "both", "--concurrency", "1"];
    const { code, stdout } = await evaluate(folder, [...command, "--max_cost", "0.05"]);
    expect(code).toBe(0);
    const { models, stopped } = JSON.parse(stdout);
    expect(stopped).toMatch(/^stopped before the ceiling of \$0.05 could be passed/);
    expect(models.both.cost).toBeGreaterThan(0);
    expect(models.both.cost).toBeLessThanOrEqual(0.05);
  });

  it("refuses a ceiling for a cascade of a model that only a wildcard stands for, whose price nobody knows", async () => {
    await using folder = await judgedFolder(1);
    await using upstream = await startUpstream();
    const config = folder.file("config.yaml");
    await writeFile(
      config,
      `model_list:
  - { model_name: words/*, dheera_ai_params: { model: bm25/default } }
  - { model_name: tei/*, dheera_ai_params: { model: huggingface/*, api_base: "${upstream.url}" } }
  - { model_name: free, dheera_ai_params: { model: fusion/free, models: [input_order, words/any] } }
  - { model_name: both, dheera_ai_params: { model: cascade/both, stages: [{ model: words/any, keep: 2 }, { model: tei/m }] } }
`,
    );
    const command = ["--config", config, "--max_cost", "1", "--models"];
    const { code, stderr } = await evaluate(folder, [...command, "both"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("is not known of both") });
    const free = await evaluate(folder, [...command, "free,words/any"]);
    expect(JSON.parse(free.stdout)).toMatchObject({ models: { free: { cost: 0 }, "words/any": { cost: 0 } } });
  });

  it.each([
    ["a chat model", "model: llm/m, api_base: 'http://127.0.0.1:9', mode: pointwise"],
    ["a model with a prompt template", "model: huggingface/m, api_base: URL, prompt_template: qwen3-reranker"],
  ])(
    "refuses a ceiling for %s that is paid by the token: nobody knows the tokens of its prompt",
    async (_what, params) => {
      await using folder = await judgedFolder(1);
      await using upstream = await startUpstream();
      const config = folder.file("config.yaml");
      const info = "{ input_cost_per_token: 0.000001 }";
      const entry = `{ model_name: m, dheera_ai_params: { ${params.replace("URL", `'${upstream.url}'`)} }, model_info: ${info} }`;
      await writeFile(config, `model_list: [${entry}]`);
      const { code, stderr } = await evaluate(folder, ["--config", config, "--max_cost", "1"]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("is not known of m") });
    },
  );

  it("asks no second model that follows live requests", async () => {
    await using folder = await judgedFolder();
    await using upstream = await startUpstream();
    await using second = await startUpstream();
    let isFollowed = false;
    void second.reached.then(() => (isFollowed = true));
    const config = await configure(folder, upstream);
    const entries = (await readFile(config, "utf8")).replace(
      "bm25/default",
      "bm25/default, shadow: { model: second, sample: 1 }",
    );
    const own = `  - { model_name: second, dheera_ai_params: { model: huggingface/m, api_base: "${second.url}" } }\n`;
    await writeFile(config, `${entries}${own}`);
    // The second of them takes long enough for what follows the first.
    const command = ["--config", config, "--models", "words,length", "--concurrency", "1"];
    expect({ code: (await evaluate(folder, command)).code, isFollowed }).toEqual({ code: 0, isFollowed: false });
  });

  it("counts failures as 0, says the first one, and ends with 1", async () => {
    await using folder = await judgedFolder(3);
    await using upstream = await startUpstream({ key: "secret" });
    const config = await configure(folder, upstream);
    const { code, stdout, stderr } = await evaluate(folder, ["--config", config]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/warning: length: 3 of 3 queries failed and count as 0; the first one: .*key/);
    expect(JSON.parse(stdout).models).toMatchObject({
      length: { errors: 3, metrics: { map: 0 } },
      words: { errors: 0 },
    });
  });

  it("ends with what it has when it is stopped, and says how to go on", async () => {
    await using folder = await judgedFolder();
    await using upstream = await startUpstream({ held: true });
    const config = await configure(folder, upstream);
    const stop = new AbortController();
    const progress: string[] = [];
    const running = evaluate(folder, ["--config", config], { stop: stop.signal, progress });
    await upstream.reached;
    stop.abort(new Error("SIGINT received"));
    const { code, stderr } = await running;
    expect(code).toBe(1);
    expect(stderr).toContain("interrupted: 0 of 12 queries were measured; what was ranked is kept");
  });

  it.each([
    [[], "eval wants one folder or file of judged queries"],
    [
      ["here", "--models", "nobody"],
      "--models: nobody is not known; without --config, models are named by their provider",
    ],
    [
      ["here", "--models", "bm25/default", "--baseline", "other"],
      "--baseline other is not measured; it is one of bm25/default",
    ],
    [["here", "--html", "/nowhere/report.html"], "--html /nowhere/report.html: there is no folder /nowhere"],
    [["here", "--max_cost=-1"], "--max_cost wants US dollars, 0 or more"],
    [["here", "--language", "klingon"], "--language wants one of none, arabic, "],
    [["here", "--unknown_cost", "ignore"], "--unknown_cost wants refuse, skip or allow"],
  ])("refuses wrong usage before anything is asked: %j", async (args, message) => {
    await using folder = await judgedFolder(1);
    const given = args.map((arg) => (arg === "here" ? folder.path : arg));
    const { code, stderr } = await runInProcess(["eval", ...given], { environment: folder.environment });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it("measures all the same where rankings cannot be kept, with a warning", async () => {
    await using folder = await judgedFolder(2);
    const file = folder.file("a-file");
    await writeFile(file, "");
    const { code, stderr } = await evaluate(folder, ["--models", "bm25/default"], {
      environment: { XDG_CACHE_HOME: file },
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: rankings are not kept, .*--scores FILE names another place\n$/);
  });
});
