import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startSimulator } from "../simulator/simulator.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { ask, documents, eventually, expectNothingBut, query, violations, wholePage } from "./page-steps.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);

const models = (reranker: string): string => `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
  - model_name: keyless
    dheera_ai_params: { model: bm25/default, api_key: os.environ/NOT_SET }
  - model_name: reranker
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${reranker}" }
dheera_ai_settings: { cache: true }
`;
const masterKey = "sk-master-1234";

let browser: Browser;
let open: ProxyProcess;
let locked: ProxyProcess;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  const reranker = stack.use(await startSimulator());
  const configuration = models(reranker.url);
  const folder = stack.use(
    await createFolder({
      "open.yaml": configuration,
      "locked.yaml": `${configuration}\ngeneral_settings: { master_key: ${masterKey} }`,
    }),
  );
  [browser, open, locked] = await Promise.all([
    launchBrowser(),
    startProxy(`${folder.path}/open.yaml`),
    startProxy(`${folder.path}/locked.yaml`),
  ]);
});

afterAll(async () => {
  await browser.close();
  await Promise.all([open.stop(), locked.stop()]);
  await stack.disposeAsync();
});

describe("the playground", needs("chromium"), () => {
  it("ranks what is typed, shows scores as bars, and says what it took", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await ask(page);
    await eventually(() => page.locator("#ranking li").count()).toBe(4);
    // Afterwards: the page would find in the cache what another has asked for before it.
    const expected = await rankThere(open);
    expect(await page.locator("#ranking .text").allTextContents()).toEqual(
      expected.map(({ index }) => documents[index]),
    );
    expect(await page.locator("#ranking .score").allTextContents()).toEqual(
      expected.map(({ relevance_score }) => relevance_score.toFixed(4)),
    );
    expect((await page.locator("#ranking .moved").allTextContents()).filter((text) => text !== "cached")).toEqual(
      expected.map(({ index }) => expect.stringContaining(`was ${index + 1}`)),
    );

    const best = expected[0]?.relevance_score ?? 0;
    const shares = await page
      .locator("#ranking .bar > span")
      .evaluateAll((bars) => bars.map((bar) => bar.style.getPropertyValue("--length")));
    expect(shares.map(Number)).toEqual(expected.map(({ relevance_score }) => relevance_score / best));
    const widths = await page.locator("#ranking .bar").evaluateAll((bars) => bars.map((bar) => bar.clientWidth));
    expect(new Set(widths).size).toBe(1);

    expect(await page.locator("#announcement").textContent()).toBe("4 of 4 ranked");
    const facts = await page.locator("#facts").innerText();
    for (const fact of ["Time", "Overhead", "Batches\n1", "Retries\n0", "Served by\nbm25"])
      expect(facts).toContain(fact);
    expectNothingBut(tab, open);
  });

  it("says what the cache knew, and how to read the scores", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await page.locator("#model").selectOption("reranker");
    await ask(page);
    await eventually(() => page.locator("#facts").innerText()).toContain("Cache\n0 of 4 known");
    expect(await page.locator("#scale").textContent()).toBe("Bars run from 0 to 1.");
    await ask(page);
    await eventually(() => page.locator("#facts").innerText()).toContain("Cache\n4 of 4 known");
    await page.getByText("More options").click();
    await page.getByLabel("Score afresh").check();
    await ask(page);
    await eventually(() => page.locator("#facts").innerText()).toContain("Cache\n0 of 4 known");
    expectNothingBut(tab, open);
  });

  it("is used with the keyboard alone", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await page.locator("#model option").first().waitFor({ state: "attached" });
    await page.keyboard.press("Tab");
    // The first stop leads past the navigation.
    await page.keyboard.press("Enter");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(query);
    await page.keyboard.press("Tab");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(documents.join("\n"));
    // Past the file, how it is read, the model and the other model.
    for (let stop = 0; stop < 5; stop++) await page.keyboard.press("Tab");
    await page.keyboard.type("2");
    await page.keyboard.press("ControlOrMeta+Enter");
    await eventually(() => page.locator("#announcement").textContent()).toBe("2 of 4 ranked");
    expectNothingBut(tab, open);
  });

  it("copies the request as code that runs", needs("curl", "python3"), async () => {
    await using tab = await openPage(browser, open.url, { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = tab;
    await ask(page);
    const best = (await rankThere(open))[0];

    const { stdout } = await run("sh", ["-c", await copy(page, "curl")]);
    expect(JSON.parse(stdout)).toMatchObject({ results: [best, {}, {}, {}] });

    const program = await copy(page, "TypeScript");
    const { stdout: printed } = await run(
      process.execPath,
      ["-C", "source", "--input-type=module-typescript", "-e", program],
      {
        cwd: import.meta.dirname,
      },
    );
    expect(printed.split("\n")[0]).toBe(`${best?.index} ${best?.relevance_score}`);

    const python = await copy(page, "Python");
    const { stdout: ranked } = await run("python3", ["-c", python], {
      env: { ...process.env, PYTHONPATH: `${import.meta.dirname}/python` },
    });
    expect(ranked.split("\n")[0]).toBe(`${best?.index} ${best?.relevance_score}`);
    expectNothingBut(tab, open);
  });

  it("takes JSON documents, and says what is wrong with those that are none", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await ask(page, JSON.stringify(documents.map((text) => ({ text }))));
    await eventually(() => page.locator("#ranking .text").first().textContent()).toBe(documents[1]);
    await ask(page, "[not, json]");
    await eventually(() => page.locator("#problem").textContent()).toContain("not valid JSON");
    expect(await page.locator("#ranking li").count()).toBe(0);
    await ask(page, "[1,2");
    await eventually(() => page.locator("#problem").textContent()).toContain("“]” is missing; choose “One a line”");
    await page.getByLabel("Read as").selectOption("One a line");
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(() => page.locator("#ranking .text").allTextContents()).toEqual(["[1,2"]);
    expectNothingBut(tab, open);
  });

  it("shows text as text, whatever it looks like", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    const mean = `<img src="/gone" onerror="document.title='taken'">`;
    await ask(page, mean);
    await eventually(() => page.locator("#ranking .text").textContent()).toBe(mean);
    expect(await page.title()).toContain("Playground");
    expectNothingBut(tab, open);
  });

  it("passes on what the proxy says no to", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await ask(page, '[{"text":"one"},{}]');
    await eventually(() => page.locator("#problem").textContent()).toContain("documents[1]: has no field");
    expectNothingBut(tab, open);
  });

  it("shows each deployment, and what changes there", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    const row = page.locator("#deployments tr").filter({ has: page.locator("td:first-child", { hasText: /^bm25$/ }) });
    await row.waitFor();
    const calls = Number(await row.locator("td").nth(5).textContent());
    // Nothing on this page causes it: the table has to ask. The cache knows no answer to a question of its own.
    await rankThere(open, "Are dogs welcome?");
    await eventually(() => row.locator("td").nth(5).textContent()).toBe(String(calls + 1));
    expect(await row.locator(".state").textContent()).toBe("healthy");
    expect(await row.locator("td").nth(8).textContent()).toMatch(/^[\d.]+ ms$/);
    expect(await page.locator("#deployments").innerText()).toContain("NOT_SET");
    expectNothingBut(tab, open);
  });

  it("asks for the key, keeps it in the tab alone, and never puts it into code", async () => {
    await using tab = await openPage(browser, locked.url);
    const { page, context } = tab;
    await eventually(() => page.locator("#problem").textContent()).toContain("This proxy needs a key");
    expect(await page.locator("#code").textContent()).not.toContain('"model": ""');
    expect(await page.locator("#key").evaluate((field) => field === document.activeElement)).toBe(true);

    await page.keyboard.type(masterKey);
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#model option").allTextContents()).toEqual([
      "bm25",
      "keyless (unavailable)",
      "reranker",
    ]);
    expect(await page.locator("#code").textContent()).toContain('"model": "bm25"');
    expect(await page.locator("#problem").isHidden()).toBe(true);
    await ask(page);
    await eventually(() => page.locator("#ranking li").count()).toBe(4);
    for (const language of ["curl", "TypeScript", "Python"]) {
      await page.getByRole("radio", { name: language }).check();
      expect(await page.locator("#code").textContent()).toContain("DHEERA_AI_API_KEY");
      expect(await page.locator("#code").textContent()).not.toContain(masterKey);
    }

    await page.reload();
    await eventually(() => page.locator("#model option").count()).toBe(3);
    expect(JSON.stringify(await context.storageState())).not.toContain(masterKey);
    expectNothingBut(tab, locked);
  });

  it("fits a small screen", async () => {
    await using tab = await openPage(browser, open.url, { viewport: { width: 360, height: 740 } });
    await ask(tab.page);
    await eventually(() => tab.page.locator("#ranking li").count()).toBe(4);
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});

describe("the API reference", needs("chromium"), () => {
  it("describes every operation, without its script", async () => {
    await using tab = await openPage(browser, `${open.url}/docs`, { javaScriptEnabled: false });
    const response = await fetch(`${open.url}/openapi.json`);
    const { paths }: { paths: object } = await response.json();
    const text = await tab.page.locator("main").innerText();
    for (const path of Object.keys(paths)) expect(text).toContain(path);
    expectNothingBut(tab, open);
  });

  it("is as wide as the screen, however small that is", async () => {
    await using tab = await openPage(browser, `${open.url}/docs`, { viewport: { width: 360, height: 740 } });
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});

describe.each(["light", "dark"] as const)("in the %s", needs("chromium"), (colorScheme) => {
  it("the playground is accessible, before an answer, with one, and with a refusal", async () => {
    await using tab = await openPage(browser, open.url, { colorScheme });
    const { page } = tab;
    await page.locator("#deployments tr").first().waitFor();
    expect(await violations(page)).toEqual([]);
    await ask(page);
    await eventually(() => page.locator("#ranking li").count()).toBe(4);
    await page.getByText("More options").click();
    expect(await violations(page)).toEqual([]);
    await ask(page, "[not, json]");
    await page.locator("#problem").waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await brightness(page)).toSatisfy((value: number) => (colorScheme === "dark" ? value < 60 : value > 200));
  });

  it(
    "the API reference is accessible",
    async () => {
      await using tab = await openPage(browser, `${open.url}/docs`, { colorScheme });
      // At once: a click on each of them would take longer than the check.
      await tab.page.locator("main details").evaluateAll((all: readonly HTMLDetailsElement[]) => {
        for (const each of all) each.open = true;
      });
      expect(await violations(tab.page)).toEqual([]);
      expect(await brightness(tab.page)).toSatisfy((value: number) =>
        colorScheme === "dark" ? value < 60 : value > 200,
      );
    },
    wholePage,
  );
});

async function copy(page: Page, language: string): Promise<string> {
  await page.getByRole("radio", { name: language }).check();
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await eventually(() => page.locator("#copied").textContent()).toBe("The code was copied");
  await page.locator("#copied").evaluate((note) => (note.textContent = ""));
  return page.evaluate(() => navigator.clipboard.readText());
}

async function rankThere(
  proxy: ProxyProcess,
  question = query,
): Promise<readonly { readonly index: number; readonly relevance_score: number }[]> {
  const response = await fetch(`${proxy.url}/rerank`, {
    method: "POST",
    body: JSON.stringify({ model: "bm25", query: question, documents }),
  });
  const { results } = await response.json();
  return results;
}

/** Of the paper, 0 to 255. */
function brightness(page: Page): Promise<number> {
  return page.evaluate(() =>
    Math.max(...(getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number)),
  );
}
