import type { Browser, BrowserContextOptions } from "playwright-core";

import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { type WatchedPage, openPage } from "./open-page.ts";

export const masterKey = "sk-master-0123456789";
export const ownKey = "sk-own-0123456789";

/** A proxy that keeps batches in a folder, before a server at this address. */
export async function startBatchProxy(upstream: string): Promise<AsyncDisposable & { readonly proxy: ProxyProcess }> {
  await using stack = new AsyncDisposableStack();
  const storage = stack.use(await createFolder());
  const folder = stack.use(
    await createFolder({
      "config.yaml": `
model_list:
  - model_name: bge-reranker-v2-m3
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-v2-m3, api_base: "${upstream}", timeout: 600 }
    model_info: { input_cost_per_query: 0.0005 }
general_settings:
  master_key: ${masterKey}
  keys: [{ name: own, key: os.environ/OWN_KEY }]
batch_settings: { storage: ${JSON.stringify(storage.path)} }
`,
    }),
  );
  const proxy = stack.use(await startProxy(`${folder.path}/config.yaml`, { OWN_KEY: ownKey }));
  const rest = stack.move();
  return { proxy, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

/** A line of a batch for each text, which is its query and its document. */
export function linesOf(texts: readonly string[]): string {
  return texts
    .map((text, index) => {
      const body = { model: "bge-reranker-v2-m3", query: text, documents: [`${text}.`] };
      return `${JSON.stringify({ custom_id: `line-${index}`, method: "POST", url: "/v1/rerank", body })}\n`;
    })
    .join("");
}

/** Opens the page of batches and types a key. */
export async function openBatches(
  browser: Browser,
  proxy: ProxyProcess,
  key: string,
  options?: BrowserContextOptions,
): Promise<WatchedPage> {
  const tab = await openPage(browser, `${proxy.url}/ui/batches`, options);
  await tab.page.getByLabel("Key", { exact: true }).fill(key);
  await tab.page.keyboard.press("Enter");
  await tab.page.getByRole("button", { name: "Choose a file" }).waitFor();
  return tab;
}

/** Uploads lines and starts a batch on them, as a program does. @returns its id */
export async function startBatch(
  proxy: ProxyProcess,
  {
    lines,
    name = "lines.jsonl",
    key = ownKey,
  }: { readonly lines: string; readonly name?: string; readonly key?: string },
): Promise<string> {
  const headers = { authorization: `Bearer ${key}` };
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob([lines]), name);
  const file = await idIn(await fetch(`${proxy.url}/v1/files`, { method: "POST", body: form, headers }));
  const body = JSON.stringify({ input_file_id: file, endpoint: "/v1/rerank", completion_window: "24h" });
  return idIn(await fetch(`${proxy.url}/v1/batches`, { method: "POST", body, headers }));
}

async function idIn(response: Response): Promise<string> {
  const answered: { readonly id?: string; readonly message?: string } = JSON.parse(await response.text());
  if (answered.id === undefined) throw new Error(answered.message);
  return answered.id;
}
