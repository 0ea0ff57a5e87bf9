import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import type { Outcome } from "../testing/processes.ts";
import { type Reranker, startReranker } from "../testing/reranker.ts";
import { runInProcess } from "../testing/run-in-process.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dheera-eval-init-"));
  const towns = Array.from({ length: queries }, (_, at) => `town${at}`);
  const documents = towns.flatMap((town) => [
    { _id: `${town}-bridge`, title: "Bridge", text: `of ${town}` },
    { _id: `${town}-market`, text: `The market of ${town} is on Monday` },
  ]);
  await writeFile(join(folder, "towns.jsonl"), documents.map((each) => JSON.stringify(each)).join("\n"));
  await writeFile(join(folder, "questions.txt"), towns.map((town) => `hours ${town}`).join("\n"));
});
afterEach(() => rm(folder, { recursive: true }));

const queries = 12;

describe("the models of dheera_ai eval init", () => {
  it("are asked nothing twice where it was stopped and is begun again, and nothing by eval afterwards", async () => {
    await using reranker = await startReranker({ most: 5 });
    await configure([entry("m", reranker)]);
    const stop = new AbortController();
    const stopped = init(["--models", "m"], stop.signal);
    await eventually(keptRankings).toBe(5);
    stop.abort(new Error("SIGINT received"));
    const { code, stdout, stderr } = await stopped;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      "dheera_ai: interrupted: 5 of 12 queries were measured; what was ranked is kept, and the same command goes on from there\n",
    );
    expect(existsSync(join(folder, "mine"))).toBe(false);
    await eventually(() => reranker.connections()).toBe(0);

    reranker.release();
    expect(await init(["--models", "m"])).toMatchObject({ code: 0, stderr: "" });
    expect(reranker.answered).toHaveLength(queries);
    expect(new Set(reranker.answered).size).toBe(queries);

    const judged = Array.from({ length: queries }, (_, at) => `q${at + 1}\ttown${at}-market\t1\n`);
    await appendFile(join(folder, "mine", "qrels", "test.tsv"), judged.join(""));
    const { stdout: report } = await run(["eval", join(folder, "mine"), "--config", join(folder, "config.yaml")]);
    expect(JSON.parse(report)).toMatchObject({ kept: queries, sample: { queries } });
    expect(reranker.answered).toHaveLength(queries);
  });

  it("are named for eval with all that the kept rankings follow from", async () => {
    const file = join(folder, "kept.jsonl");
    await using reranker = await startReranker();
    await configure([entry("m", reranker)]);
    const { stdout } = await init(["--models", "m", "--top_k", "20", "--language", "french", "--scores", file]);
    const config = join(folder, "config.yaml");
    expect(stdout).toContain(
      `Next: dheera_ai eval ${join(folder, "mine")} --config ${config} --models m --top_k 20 --language french --scores ${file} --html report.html\n`,
    );
    expect(existsSync(file)).toBe(true);
  });

  it("cost no more than the ceiling, and are not asked where nothing can hold it", async () => {
    await using reranker = await startReranker();
    await configure([
      entry("m", reranker, ", max_retries: 0", "{ input_cost_per_query: 0.01 }"),
      "{ model_name: unpriced, dheera_ai_params: { model: huggingface/m } }",
    ]);
    const { code, stderr } = await init(["--models", "m", "--max_cost", "0.035"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "dheera_ai: stopped before the ceiling of $0.035 could be passed: 2 of 12 queries were measured, for $0.02 (the next one may cost up to $0.02); what was ranked is kept, and the same command with a higher --max_cost, or a smaller --sample, goes on from there\n",
    );
    expect(reranker.answered).toHaveLength(2);
    expect(existsSync(join(folder, "mine"))).toBe(false);

    const refused = await init(["--models", "m,unpriced", "--max_cost", "1"]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("is not known of unpriced, so no ceil") });
    expect(reranker.answered).toHaveLength(2);

    const skipping = await init(["--models", "m,unpriced", "--max_cost", "1", "--unknown_cost", "skip"]);
    expect(skipping).toMatchObject({
      code: 0,
      stderr: "warning: unpriced was left out: what its requests cost is not known\n",
    });
    expect(reranker.answered).toHaveLength(queries);
  });

  it("are asked for themselves: no model that shadows one or stands in for it ranks anything", async () => {
    await using reranker = await startReranker({ fails: (query) => query.endsWith("town7") });
    await using second = await startReranker();
    await configure(
      [entry("m", reranker, ", max_retries: 0, shadow: { model: second, sample: 1 }"), entry("second", second)],
      "router_settings: { fallbacks: [{ m: [second] }] }\n",
    );
    const { code, stderr } = await init(["--models", "m"]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^warning: m failed for 1 of the queries: .+\n$/),
    });
    expect(second.answered).toEqual([]);
  });

  it("end it where one fails before it has ranked anything, and no query more is asked", async () => {
    await using reranker = await startReranker({ fails: () => true });
    await using other = await startReranker();
    await configure([entry("bad", reranker, ", max_retries: 0"), entry("good", other)]);
    const { code, stderr } = await init(["--models", "good,bad"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^dheera_ai: bad: .+\(HTTP 500\)\n$/) });
    // Two requests are made at one time.
    expect(new Set(reranker.answered).size).toBeLessThanOrEqual(2);
    expect(other.answered.length).toBeLessThanOrEqual(3);
    expect(existsSync(join(folder, "mine"))).toBe(false);
  });

  it("have options with the words of eval, in its help", async () => {
    const helpOf = async (command: readonly string[]): Promise<string> =>
      (await run([...command, "--help"])).stdout.replaceAll(/\s+/g, " ");
    const [init_, eval_] = [await helpOf(["eval", "init"]), await helpOf(["eval"])];
    for (const option of ["--max_cost DOLLARS", "--unknown_cost HOW", "--scores FILE"]) {
      const from = eval_.indexOf(option);
      expect(from).toBeGreaterThan(0);
      const help = eval_.slice(from, eval_.indexOf(" --", from + 2));
      expect(init_).toContain(help);
    }
  });
});

function entry(name: string, { url }: Reranker, more = "", info = "{}"): string {
  return `{ model_name: ${name}, dheera_ai_params: { model: cohere/rerank-v3.5, api_base: "${url}", api_key: secret${more} }, model_info: ${info} }`;
}

async function configure(entries: readonly string[], more = ""): Promise<void> {
  const list = entries.map((each) => `  - ${each}\n`).join("");
  await writeFile(join(folder, "config.yaml"), `model_list:\n${list}${more}`);
}

/** Runs the command until its page could be opened, or it ends before. */
function init(args: readonly string[], signal?: AbortSignal): Promise<Outcome> {
  const opened = new AbortController();
  const stop = signal === undefined ? opened.signal : AbortSignal.any([signal, opened.signal]);
  const given = ["--documents", "towns.jsonl", "--queries", "questions.txt", "--config", "config.yaml"];
  const inFolder = given.map((arg) => (arg.startsWith("--") ? arg : join(folder, arg)));
  return run(["eval", "init", join(folder, "mine"), ...inFolder, ...args], stop, () => opened.abort());
}

function run(args: readonly string[], stop?: AbortSignal, onPrint?: () => void): Promise<Outcome> {
  return runInProcess(args, {
    environment: { XDG_CACHE_HOME: join(folder, "cache") },
    ...(stop && { stop }),
    ...(onPrint && { onPrint }),
  });
}

async function keptRankings(): Promise<number> {
  const file = join(folder, "cache", "dheera_ai", "eval", "mine.jsonl");
  const content = await readFile(file, "utf8").catch(() => "");
  return content.split("\n").filter((line) => line !== "").length;
}
