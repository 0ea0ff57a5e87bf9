import { expect, it } from "vitest";

import { batchKey, startBatches } from "../../apps/proxy/src/fixtures/start-batches.ts";
import { scoreByNumber, sendJson, startUpstream } from "../../apps/proxy/src/fixtures/start-upstream.ts";

const line = (word: string): string => {
  const body = { model: "bge", query: word, documents: [word, "another document"] };
  return `${JSON.stringify({ custom_id: word, method: "POST", url: "/v1/rerank", body })}\n`;
};

/** Milliseconds against hanging: eight tries with growing waits take a minute or two. */
const wholeRun = 600_000;

it(
  "a proxy gives a line that its server refuses always, while it serves others, the refusal as an error; and waits while it refuses all",
  { timeout: wholeRun },
  async () => {
    let isDown = false;
    let served = 0;
    await using upstream = await startUpstream((request) => {
      if (isDown || JSON.stringify(request.body).includes("poison"))
        return sendJson(request.outgoing, { error: "no" }, {}, 503);
      served++;
      return scoreByNumber(request);
    });
    await using batches = await startBatches({
      yaml: `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}", max_retries: 0 }
general_settings: { master_key: ${batchKey} }`,
    });
    const words = ["poison", ...Array.from({ length: 20 }, (_, number) => `word-${number}`)];
    const file = await batches.upload(words.map(line).join(""));
    const { id } = await batches.create(file["id"]);
    const read = async (): Promise<Readonly<Record<string, unknown>>> =>
      (await batches.call("GET", `/v1/batches/${String(id)}`)).body;
    const until = (timeout: number): ReturnType<typeof expect.poll<Readonly<Record<string, unknown>>>> =>
      expect.poll(read, { interval: 20, timeout });
    await until(wholeRun).toMatchObject({ request_counts: { completed: 20 } });
    isDown = true;
    await until(wholeRun).toMatchObject({ status: "in_progress", paused_for: expect.stringContaining("overloaded") });
    expect(await read()).toMatchObject({ request_counts: { failed: 0 } });
    isDown = false;
    await until(wholeRun).toMatchObject({
      status: "completed",
      request_counts: { total: 21, completed: 20, failed: 1 },
    });
    expect(await batches.lines((await read())["error_file_id"])).toMatchObject([
      {
        custom_id: "poison",
        error: null,
        response: { status_code: 503, body: { error: { code: "provider_overloaded" } } },
      },
    ]);
    // Each line once, and one again as often as the refused line was to be told from a server that is down.
    expect(served).toBeLessThan(20 + 20);
  },
);
