import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../test/support/programs.ts";
import { type Running, startProxy } from "../apps/cli/src/testing/processes.ts";

const run = promisify(execFile);
const here = import.meta.dirname;

let proxy: Running;

beforeAll(async () => {
  proxy = await startProxy(["--config", `${here}/config.yaml`, "--host", "127.0.0.1", "--port", "0"]);
});

afterAll(() => proxy.stop());

/** Four documents, the three best asked for: Washington, D.C. leads in every language. */
function expectRanking(printed: string): void {
  const lines = printed.trim().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^\d+\.\d{4} Washington, D\.C\. is the capital of the United States\.$/);
}

describe("examples", () => {
  it("quickstart ranks without a server", async () => {
    const { stdout } = await run(process.execPath, ["-C", "source", `${here}/quickstart/main.ts`]);
    expectRanking(stdout);
  });

  it("cohere-client asks the proxy through the Cohere SDK", async () => {
    const { stdout } = await run(process.execPath, [`${here}/cohere-client/main.ts`, proxy.url]);
    expectRanking(stdout);
  });

  it("python asks the proxy with the standard library", needs("python3"), async () => {
    const { stdout } = await run("python3", [`${here}/python/rerank.py`, proxy.url]);
    expectRanking(stdout);
  });

  it("config.yaml serves without an account, and its Hugging Face model says what it lacks", async () => {
    const response = await fetch(`${proxy.url}/v1/rerank`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "bge-reranker-base", query: "q", documents: ["d"] }),
    });
    expect(response.ok).toBe(false);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("HF_TOKEN") });
  });
});
