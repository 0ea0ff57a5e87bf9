import { expect, it } from "vitest";

import { startSimulator } from "../simulator/simulator.ts";
import { needs } from "../support/programs.ts";
import { startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { ask, eventually, expectNothingBut } from "./page-steps.ts";

it.each([
  ["a phone", { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true }],
  ["a desktop", { viewport: { width: 1240, height: 900 } }],
])(
  "the playground says on %s what a ranking cost and what known scores saved, and nothing where that is not known",
  needs("chromium"),
  async (_, options) => {
    await using stack = new AsyncDisposableStack();
    const upstream = stack.use(await startSimulator());
    const entry = (name: string, more: string): string => `
  - model_name: ${name}
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}" }
    model_info: { id: ${name}${more} }`;
    const config = `
model_list:${entry("priced", ", input_cost_per_query: 0.002")}${entry("own", "")}
  - model_name: "huggingface/*"
    dheera_ai_params: { model: "huggingface/*" }
dheera_ai_settings: { cache: true }
`;
    const folder = stack.use(await createFolder({ "config.yaml": config }));
    const proxy = await startProxy(`${folder.path}/config.yaml`);
    stack.defer(async () => void (await proxy.stop()));
    const browser = await launchBrowser();
    stack.defer(() => browser.close());
    const tab = stack.use(await openPage(browser, proxy.url, options));
    const { page } = tab;
    const facts = (): Promise<string> => page.locator("#facts").innerText();

    await ask(page);
    await eventually(facts).toContain("Cost\n$0.002\n");
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(facts).toContain("Cost\n$0, $0.002 saved\n");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(options.viewport.width);
    // A name that stands for many models is none that could be chosen.
    expect(await page.locator("#model option").allTextContents()).toEqual(["priced", "own"]);
    await page.locator("#model").selectOption("own");
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(facts).toContain("Served by\nown");
    expect(await facts()).not.toContain("Cost");
    expectNothingBut(tab, proxy);
  },
);
