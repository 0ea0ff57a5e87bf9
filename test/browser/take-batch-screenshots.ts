/**
 * Makes docs/images/batch-*.png: `node -C source test/browser/take-batch-screenshots.ts`. Wants pngquant, which makes them a third of
 * their size. Fonts are the machine's: Inter, JetBrains Mono and P052 look as intended.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { startSimulator } from "../simulator/simulator.ts";
import { linesOf, masterKey, openBatches, startBatch, startBatchProxy } from "./batch-steps.ts";
import { launchBrowser } from "./open-page.ts";

const questions = Array.from({ length: 9_000 }, (_, index) => `Which is document ${index}?`);
const sick = Array.from({ length: 12 }, (_, index) => `sick ${index}`);

await using stack = new AsyncDisposableStack();
const upstream = stack.use(
  await startSimulator({ illness: (text) => (text.startsWith("sick") ? "nan" : undefined), millisecondsPerBatch: 12 }),
);
const { proxy } = stack.use(await startBatchProxy(upstream.url));
const browser = await launchBrowser();
stack.defer(() => browser.close());
const { page } = stack.use(
  await openBatches(browser, proxy, masterKey, {
    viewport: { width: 1240, height: 560 },
    deviceScaleFactor: 1.5,
    colorScheme: "light",
  }),
);
await startBatch(proxy, { lines: linesOf([...questions.slice(0, 4_000), ...sick]), name: "nightly.jsonl" });
await row("nightly.jsonl", /^4,012 of/);
const running = await startBatch(proxy, { lines: linesOf([...sick, ...questions]), name: "hard-negatives.jsonl" });
await row("hard-negatives.jsonl", /^[3-8],\d{3} of/);
await picture("batch-list");
await page.goto(`${proxy.url}/ui/batches#${running}`);
await page.locator(".facts").filter({ hasText: "about" }).waitFor();
await picture("batch-running");

async function row(name: string, words: RegExp): Promise<void> {
  await page.reload();
  await page.getByRole("row", { name }).locator(".done").filter({ hasText: words }).waitFor({ timeout: 120_000 });
}

async function picture(name: string): Promise<void> {
  const path = fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url));
  await page.screenshot({ path });
  execFileSync("pngquant", ["--force", "--speed", "1", "--strip", "--output", path, "64", path]);
}
