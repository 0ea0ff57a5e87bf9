import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { bunBinary } from "../support/bun-binary.ts";
import { eventually } from "../support/eventually.ts";
import { startProgram } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const program = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));
const headers = { authorization: "Bearer sk-master-of-bun" };
const lines = Array.from({ length: 2_500 }, (_, number) =>
  JSON.stringify({
    custom_id: `line ${number}`,
    method: "POST",
    url: "/v1/rerank",
    body: { model: "bm25", query: `number ${number}`, documents: [`number ${number}`, "another document"] },
  }),
);

describe("batches under Bun", () => {
  it("are uploaded, run and fetched, and end with the proxy", async () => {
    await using folder = await createFolder();
    await using config = await createFolder({
      "config.yaml": `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: sk-master-of-bun }
batch_settings: { storage: ${JSON.stringify(folder.path)} }`,
    });
    const serve = ["--config", `${config.path}/config.yaml`, "--host", "127.0.0.1", "--port", "0"];
    const bun = await startProgram(bunBinary(), ["--conditions=source", program, ...serve], { LOG_LEVEL: "silent" });
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", new Blob([lines.join("\n")]), "lines.jsonl");
    const file = await fetchJson(`${bun.url}/v1/files`, { method: "POST", body: form });
    const asked = { input_file_id: file["id"], endpoint: "/v1/rerank", completion_window: "24h" };
    const { id } = await fetchJson(`${bun.url}/v1/batches`, { method: "POST", body: JSON.stringify(asked) });
    let batch: Record<string, unknown> = {};
    await eventually(async () => (batch = await fetchJson(`${bun.url}/v1/batches/${String(id)}`))).toMatchObject({
      status: "completed",
      request_counts: { total: 2_500, completed: 2_500, failed: 0 },
    });
    const output = await fetch(`${bun.url}/v1/files/${String(batch["output_file_id"])}/content`, { headers });
    const ids = (await output.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)["custom_id"]);
    expect(ids).toEqual(lines.map((_, number) => `line ${number}`));
    expect(await bun.stop(), bun.output()).toBe(0);
  });
});

async function fetchJson(url: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  return JSON.parse(await (await fetch(url, { ...init, headers })).text());
}
