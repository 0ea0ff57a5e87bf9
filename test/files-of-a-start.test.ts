import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { startSimulator } from "./simulator/simulator.ts";
import { postRerank } from "./support/post-rerank.ts";
import { startProgram } from "./support/proxy-process.ts";
import { createFolder } from "./support/temporary-folder.ts";

/**
 * What is loaded before the first work is most of the time until then, and no machine is too busy to count it. Whoever adds to it
 * looks whether it can be loaded later, measures with bench/start.ts, and writes down here what there is now.
 */
const most = {
  library: { files: 14, kilobytes: 800 },
  proxy: { files: 80, kilobytes: 2_800 },
} as const;

const library = fileURLToPath(new URL("../packages/dheera-ai/dist/index.js", import.meta.url));
const command = fileURLToPath(new URL("../apps/cli/bin/dheera_ai.js", import.meta.url));
const key = "sk-measured-at-the-start";

it('`import "dheera-ai"` loads few files', async () => {
  await using folder = await createFolder({});
  await promisify(execFile)(process.execPath, ["--import", noteFiles(folder.path), library]);
  const loaded = await loadedFiles(folder.path);
  expect(loaded.map(({ url }) => url)).toContainEqual(expect.stringContaining("/core/dist/"));
  expectAtMost(loaded, most.library);
});

it("the proxy loads few files from its start to its first ranking", async () => {
  await using upstream = await startSimulator();
  await using folder = await createFolder({
    "config.yaml": `general_settings: { master_key: ${key} }
model_list: [{ model_name: reranker, dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${upstream.url}" } }]`,
  });
  const args = ["--config", `${folder.path}/config.yaml`, "--host", "127.0.0.1", "--port", "0"];
  const proxy = await startProgram(process.execPath, ["--import", noteFiles(folder.path), command, ...args]);
  try {
    const request = { model: "reranker", query: "which one?", documents: ["one", "two", "three"] };
    expect((await postRerank(proxy.url, request, key)).status).toBe(200);
    const loaded = await loadedFiles(folder.path);
    // On a machine that is slow, what is loaded a second after the start may have come in between.
    const late = loaded.findIndex(({ url }) => url.includes("/core/dist/background-work"));
    const early = late === -1 ? loaded : loaded.slice(0, late);
    expect(early.map(({ url }) => url)).toContainEqual(expect.stringContaining("/proxy/dist/"));
    expectAtMost(early, most.proxy);
  } finally {
    await proxy.stop();
  }
});

interface LoadedFile {
  readonly url: string;
  readonly bytes: number;
}

/** To be preloaded: writes the address of every file that a program loads into one in this folder. */
function noteFiles(folder: string): string {
  return `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync, statSync } from "node:fs";
    import { registerHooks } from "node:module";
    registerHooks({
      load(url, context, next) {
        if (url.startsWith("file:"))
          appendFileSync(${JSON.stringify(notes(folder))}, statSync(new URL(url)).size + " " + url + "\\n");
        return next(url, context);
      },
    });
  `)}`;
}

async function loadedFiles(folder: string): Promise<readonly LoadedFile[]> {
  const lines = (await readFile(notes(folder), "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const [bytes = "", url = ""] = line.split(" ");
    return { url, bytes: Number(bytes) };
  });
}

function notes(folder: string): string {
  return `${folder}/loaded.txt`;
}

function expectAtMost(
  loaded: readonly LoadedFile[],
  limit: { readonly files: number; readonly kilobytes: number },
): void {
  const list = loaded.map(({ url, bytes }) => `${bytes} ${url}`).join("\n");
  const kilobytes = loaded.reduce((sum, { bytes }) => sum + bytes, 0) / 1_000;
  expect(loaded.length, list).toBeLessThanOrEqual(limit.files);
  expect(kilobytes, list).toBeLessThanOrEqual(limit.kilobytes);
}
