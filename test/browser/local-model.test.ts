import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { fillHubCache } from "../support/hub-cache.ts";
import { needs } from "../support/programs.ts";
import { startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { starterConfig } from "../../apps/cli/src/commands/starter-config.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { eventually, expectNothingBut, violations } from "./page-steps.ts";

const model = "cross-encoder/ms-marco-MiniLM-L6-v2";

it.each([
  ["a phone", { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true }],
  ["a desktop", { viewport: { width: 1240, height: 900 } }],
])(
  "the playground begins on %s with the local model of what init wrote, and says where the documents go",
  needs("chromium"),
  async (_, options) => {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await createFolder()).path;
    await fillHubCache(join(folder, "cache"), { [model]: "cross-encoder" });
    await writeFile(join(folder, "config.yaml"), starterConfig({ localModel: model }));
    const proxy = await startProxy(join(folder, "config.yaml"), { HF_HUB_CACHE: join(folder, "cache") });
    stack.defer(async () => void (await proxy.stop()));
    const browser = await launchBrowser();
    stack.defer(() => browser.close());
    const tab = stack.use(await openPage(browser, proxy.url, options));
    const { page } = tab;

    await page.locator("#model option").first().waitFor({ state: "attached" });
    expect(await page.locator("#model").inputValue()).toBe("ms-marco-MiniLM-L6-v2");
    const note = page.locator("#model-note");
    await eventually(() => note.innerText()).toBe(
      `local/${model} runs on the proxy's own machine: documents go to no other server.`,
    );
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(() => page.locator("#ranking li").count()).toBe(6);
    expect(await page.locator("#problem").isVisible()).toBe(false);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(options.viewport.width);
    expect(await violations(page)).toEqual([]);
    await page.locator("#model").selectOption("bm25");
    await eventually(() => note.innerText()).toMatch(/^bm25\/default runs on/);
    expectNothingBut(tab, proxy);
  },
);
