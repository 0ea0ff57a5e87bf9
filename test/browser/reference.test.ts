import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { allButColors, eventually, expectNothingBut, violations, wholePage } from "./page-steps.ts";

const run = promisify(execFile);
const phone = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
const masterKey = "sk-master-1234";

let browser: Browser;
let proxy: ProxyProcess;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  const folder = stack.use(
    await createFolder({
      "config.yaml": `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${masterKey} }
`,
    }),
  );
  [browser, proxy] = await Promise.all([launchBrowser(), startProxy(`${folder.path}/config.yaml`)]);
});

afterAll(async () => {
  await browser.close();
  await proxy.stop();
  await stack.disposeAsync();
});

describe("the API reference", needs("chromium"), () => {
  it("shows every request in the language that was chosen once, also the next time", async () => {
    await using tab = await openPage(browser, `${proxy.url}/docs`);
    const { page } = tab;
    const shown = page.locator("pre[data-language]").filter({ visible: true });
    const languages = (): Promise<readonly (string | undefined)[]> =>
      shown.evaluateAll((parts) => [...new Set(parts.map((part) => part.dataset["language"]))]);
    expect(await languages()).toEqual(["curl"]);
    const count = await shown.count();
    expect(count).toBeGreaterThan(10);
    await page.locator("#listModelsV1").getByRole("radio", { name: "Python" }).check();
    expect(await languages()).toEqual(["python"]);
    expect(await shown.count()).toBe(count);
    await page.reload();
    await eventually(languages).toEqual(["python"]);
    expectNothingBut(tab, proxy);
  });

  it("lets a language be chosen where scripts are off", async () => {
    await using tab = await openPage(browser, `${proxy.url}/docs`, { javaScriptEnabled: false });
    const request = tab.page.locator("#rerank .call").first();
    await request.getByRole("radio", { name: "TypeScript" }).check();
    expect(await request.locator("pre").filter({ visible: true }).innerText()).toContain("await fetch(");
    expect(await tab.page.locator(".try").first().isVisible()).toBe(false);
  });

  it("shows code that runs against this proxy", needs("curl", "python3"), async () => {
    await using tab = await openPage(browser, `${proxy.url}/docs`);
    const environment = {
      ...process.env,
      DHEERA_AI_API_KEY: masterKey,
      PYTHONPATH: `${import.meta.dirname}/python`,
    };
    for (const [operation, expected] of [
      ["rerank", "relevance_score"],
      ["listModelsV1", "bm25"],
      ["retrieveModelV1", "bm25"],
      ["rankVoyage", "total_tokens"],
    ]) {
      const code = async (language: string): Promise<string> =>
        (await tab.page.locator(`#${operation} pre[data-language="${language}"]`).first().textContent()) ?? "";
      for (const [program, args] of [
        ["sh", ["-c", await code("curl")]],
        [process.execPath, ["--input-type=module-typescript", "-e", await code("typescript")]],
        ["python3", ["-c", await code("python")]],
      ] as const) {
        const { stdout } = await run(program, args, { env: environment });
        expect(stdout, program).toContain(expected);
      }
    }
  });

  it("sends a request with the key, and shows status, headers and body as they came", async () => {
    await using tab = await openPage(browser, `${proxy.url}/docs`);
    const { page } = tab;
    const part = page.locator("#rerank .try");
    await part.getByText("Try it").click();
    await part.getByRole("button", { name: "Send" }).click();
    await eventually(() => part.locator(".outcome").textContent()).toMatch(/^401 Unauthorized .*type your key/);

    await page.locator("#key").fill(masterKey);
    await part.getByLabel("Path").selectOption("/v2/rerank");
    await part.getByLabel("x-dheera-call-id").fill("my-call");
    await part
      .locator("textarea")
      .fill('{"model":"bm25","query":"moon","documents":["sun","<b>moon</b>"],"return_documents":true}');
    await part.getByRole("button", { name: "Send" }).click();
    await eventually(() => part.locator(".outcome").textContent()).toMatch(/^200 OK · \d+ ms$/);
    expect(await part.locator(".body").textContent()).toContain('"text": "<b>moon</b>"');
    await part.getByText("Headers of the answer").click();
    expect(await part.locator(".headers").innerText()).toContain("x-dheera-call-id: my-call");

    const models = page.locator("#modelInfo .try");
    await models.getByText("Try it").click();
    await models.getByRole("textbox", { name: "model", exact: true }).fill("none");
    await models.getByRole("button", { name: "Send" }).click();
    await eventually(() => models.locator(".body").textContent()).toContain('"data": []');
    expect(tab.requests.some((url) => url.endsWith("/model/info?model=none"))).toBe(true);

    const one = page.locator("#retrieveModelV1 .try");
    await one.getByText("Try it").click();
    await one.getByRole("textbox", { name: "model", exact: true }).fill("org/none");
    await one.getByRole("button", { name: "Send" }).click();
    await eventually(() => one.locator(".outcome").textContent()).toMatch(/^404/);
    expect(tab.requests.some((url) => url.endsWith("/v1/models/org%2Fnone"))).toBe(true);
    expect(JSON.stringify(await tab.context.storageState())).not.toContain(masterKey);
    expectNothingBut(tab, proxy);
  });

  it("folds its contents on a phone, shows them beside the text on a wide screen", async () => {
    await using small = await openPage(browser, `${proxy.url}/docs`, phone);
    const link = small.page.locator(".contents").getByRole("link", { name: "List the model names" });
    expect(await link.isVisible()).toBe(false);
    expect(await small.page.locator("h1").evaluate((title) => title.getBoundingClientRect().bottom < innerHeight)).toBe(
      true,
    );
    await small.page.getByText("Contents").click();
    await link.click();
    expect(small.page.url()).toContain("#listModelsV1");
    expect(await small.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await using wide = await openPage(browser, `${proxy.url}/docs`);
    expect(await wide.page.locator(".contents").getByRole("link", { name: "List the model names" }).isVisible()).toBe(
      true,
    );
  });

  it.each(["light", "dark"] as const)(
    "is accessible on a phone in the %s, with an answer",
    async (colorScheme) => {
      await using tab = await openPage(browser, `${proxy.url}/docs`, { ...phone, colorScheme });
      const part = tab.page.locator("#listModelsV1 .try");
      await part.getByText("Try it").click();
      await part.getByRole("button", { name: "Send" }).click();
      await eventually(() => part.locator(".outcome").textContent()).toMatch(/^401/);
      await tab.page.getByText("Contents").click();
      expect(await violations(tab.page, ["header", ".contents", "#listModelsV1"])).toEqual([]);
      if (colorScheme === "light") expect(await violations(tab.page, ["html"], allButColors)).toEqual([]);
    },
    wholePage,
  );
});
