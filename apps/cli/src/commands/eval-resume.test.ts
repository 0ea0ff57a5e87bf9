import { readFile, writeFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import { type JudgedFolder, judgedFolder } from "../testing/judged-folder.ts";
import { runCommandLine, startCommandLine } from "../testing/processes.ts";
import { type Reranker, startReranker } from "../testing/reranker.ts";

async function commandFor(folder: JudgedFolder, reranker: Reranker): Promise<readonly string[]> {
  const config = folder.file("config.yaml");
  const params = `{ model: cohere/rerank-v3.5, api_base: "${reranker.url}", api_key: secret }`;
  await writeFile(config, `model_list: [{ model_name: m, dheera_ai_params: ${params} }]`);
  return ["eval", folder.path, "--config", config, "--scores", folder.file("kept.jsonl")];
}

async function keptLines(folder: JudgedFolder): Promise<readonly string[]> {
  const content = await readFile(folder.file("kept.jsonl"), "utf8").catch(() => "");
  return content.split("\n").filter((line) => line !== "");
}

const seconds = 120_000;

describe("dheera_ai eval as a process", () => {
  it("goes on after it was killed, and no query is answered twice", { timeout: seconds }, async () => {
    await using folder = await judgedFolder(20);
    await using reranker = await startReranker({ most: 7 });
    const command = await commandFor(folder, reranker);
    const killed = startCommandLine(command);
    await eventually(() => keptLines(folder)).toHaveLength(7);
    killed.kill();
    expect((await killed.outcome).code).toBeNull();
    await eventually(() => reranker.connections()).toBe(0);

    reranker.release();
    const { code, stdout, stderr } = await runCommandLine(command);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^models: m\n/) });
    expect(JSON.parse(stdout)).toMatchObject({ kept: 7, sample: { queries: 20 }, models: { m: { queries: 20 } } });
    expect(new Set(reranker.answered).size).toBe(20);
    expect(reranker.answered).toHaveLength(20);
  });

  it("shares its file with another one that runs at the same time", { timeout: seconds }, async () => {
    await using folder = await judgedFolder(40);
    await using reranker = await startReranker({ most: 0 });
    const command = await commandFor(folder, reranker);
    const both = [startCommandLine(command), startCommandLine(command)];
    await eventually(
      async () => (await readFile(folder.file("kept.jsonl"), "utf8").catch(() => "none")) !== "none",
    ).toBe(true);
    reranker.release();
    for (const { outcome } of both) expect(await outcome).toMatchObject({ code: 0 });
    const lines = await keptLines(folder);
    expect(lines.every((line) => typeof JSON.parse(line) === "object")).toBe(true);
    const before = reranker.answered.length;
    const third = await runCommandLine(command);
    expect(JSON.parse(third.stdout)).toMatchObject({ kept: 40 });
    expect(reranker.answered).toHaveLength(before);
  });
});
