/**
 * Makes docs/images/playground.png: `node -C source test/browser/take-screenshot.ts`. Wants pngquant, which makes it a
 * third of its size. Fonts are the machine's: Inter, JetBrains Mono and P052 look as intended.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { startSimulator } from "../simulator/simulator.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const replica = (url: string, id: string): string => `
  - model_name: bge-reranker-v2-m3
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-v2-m3, api_base: "${url}" }
    model_info: { id: ${id} }`;

await using stack = new AsyncDisposableStack();
const server = { modelId: "BAAI/bge-reranker-v2-m3", millisecondsPerBatch: 9, microsecondsPerToken: 40 };
const first = stack.use(await startSimulator(server));
const second = stack.use(await startSimulator(server));
const folder = stack.use(
  await createFolder({
    "config.yaml": `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
    model_info: { id: bm25 }${replica(first.url, "reranker-a")}${replica(second.url, "reranker-b")}
`,
  }),
);
const proxy = await startProxy(`${folder.path}/config.yaml`);
stack.defer(async () => void (await proxy.stop()));
const documents = Array.from({ length: 400 }, (_, index) => `A document with the number ${index}`);
for (let round = 0; round < 12; round++)
  await rerank({ model: "bge-reranker-v2-m3", query: `Which is number ${round}?`, documents });
// The first request to a fresh process is slower than those that people will see.
for (let round = 0; round < 20; round++)
  await rerank({ model: "bm25", query: "number 7", documents: documents.slice(0, 6) });

const browser = await launchBrowser();
stack.defer(() => browser.close());
const { page } = await openPage(browser, proxy.url, {
  viewport: { width: 1240, height: 900 },
  deviceScaleFactor: 1.5,
  colorScheme: "light",
});
await page.locator("#model option").first().waitFor({ state: "attached" });
await page.getByRole("button", { name: "Rerank" }).click();
await page.locator("#ranking li").first().waitFor();
// The bars have grown.
await page
  .locator("#ranking")
  .evaluate((list) => Promise.all(list.getAnimations({ subtree: true }).map(({ finished }) => finished)));
const picture = fileURLToPath(new URL("../../docs/images/playground.png", import.meta.url));
await page.screenshot({ path: picture, fullPage: true });
execFileSync("pngquant", [
  "--force",
  "--skip-if-larger",
  "--speed",
  "1",
  "--strip",
  "--output",
  picture,
  "128",
  picture,
]);

async function rerank(body: object): Promise<void> {
  const response = await fetch(`${proxy.url}/rerank`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  await response.arrayBuffer();
}
