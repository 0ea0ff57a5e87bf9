import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { startSimulator } from "./simulator/simulator.ts";
import { bunBinary } from "./support/bun-binary.ts";
import { startProgram } from "./support/proxy-process.ts";
import { createFolder } from "./support/temporary-folder.ts";

const program = fileURLToPath(new URL("../apps/cli/src/main.ts", import.meta.url));

describe("the command line under Bun", () => {
  it("serves a crowd without a failure, and ends when it is told to", async () => {
    await using upstream = await startSimulator({ apiKey: "key", microsecondsPerToken: 5 });
    const params = { model: "huggingface/BAAI/bge-reranker-base", api_base: upstream.url, api_key: "key" };
    await using folder = await createFolder({
      // JSON is YAML.
      "config.yaml": JSON.stringify({ model_list: [{ model_name: "tei", dheera_ai_params: params }] }),
    });
    const serve = ["--config", `${folder.path}/config.yaml`, "--host", "127.0.0.1", "--port", "0"];
    const proxy = await startProgram(bunBinary(), ["--conditions=source", program, ...serve]);

    const found = new Map<string, number>();
    let begun = 0;
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (begun < 500) {
          const outcome = await ask(proxy.url, begun++).catch(String);
          found.set(outcome, (found.get(outcome) ?? 0) + 1);
        }
      }),
    );
    expect(Object.fromEntries(found)).toEqual({ "200 with 40 results": 500 });
    expect(upstream.stats.calls).toBeGreaterThanOrEqual(1_000);

    expect(await proxy.stop(), proxy.output()).toBe(0);
  });
});

async function ask(url: string, number: number): Promise<string> {
  const documents = Array.from({ length: 40 }, (_, index) => `document ${index} of request ${number}`);
  const response = await fetch(`${url}/v1/rerank`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "tei", query: `query ${number}`, documents }),
  });
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null || !("results" in body) || !Array.isArray(body.results)) return JSON.stringify(body);
  return `${response.status} with ${body.results.length} results`;
}
