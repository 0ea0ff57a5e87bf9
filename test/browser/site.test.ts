import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { type WatchedPage, launchBrowser, openPage } from "./open-page.ts";
import { eventually, lowContrasts, violations } from "./page-steps.ts";
import { serveFiles } from "./serve-files.ts";

// The site as it is published, in the folder of a version, on a server that knows nothing but files. The browser resolves no other host.
const root = fileURLToPath(new URL("../..", import.meta.url));
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
/** One of each kind: the first page, one with tabs, one with wide tables, one made of data, a decision. */
const kinds = [
  "",
  "huggingface-rerank/",
  "configuration/",
  "providers/cohere/",
  "decisions/0019-documentation-site/",
] as const;

const stack = new AsyncDisposableStack();
let browser: Browser;
let site: string;

beforeAll(async () => {
  const folder = stack.use(
    await createFolder({
      "versions.json": JSON.stringify(versions),
      "v0.1/index.html": "<h1>The first page of 0.1</h1>",
      "v0.1/errors/index.html": "<h1>Errors of 0.1</h1>",
    }),
  ).path;
  const said = ["--base", "/v0.2/", "--version", "0.2.0", "--out", join(folder, "v0.2")];
  // It fails when a link or an anchor leads nowhere.
  await promisify(execFile)(process.execPath, ["apps/site/src/main.ts", ...said], { cwd: root });
  site = `${stack.use(await serveFiles(folder)).url}/v0.2/`;
  browser = await launchBrowser();
  stack.defer(() => browser.close());
}, 600_000);

afterAll(() => stack.disposeAsync());

const versions = {
  latest: "v0.2",
  versions: [
    { name: "0.2", folder: "v0.2" },
    { name: "0.1", folder: "v0.1" },
  ],
};

describe("the documentation site", needs("chromium"), () => {
  it("finds a page by a word in it, without anybody's server", async () => {
    await using tab = await open("");
    const { page } = tab;
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("textbox", { name: "Search" }).fill("placeholders");
    await page.getByRole("link", { name: "Releasing" }).first().click();
    await eventually(() => page.locator("h1").innerText()).toBe("Releasing");
    expect(page.url()).toMatch(/\/v0\.2\/releasing\/(\?|#|$)/);
    expectQuiet(tab);
  });

  it("shows one tab of several, in the language that was chosen last, here and on the next page", async () => {
    await using tab = await open("huggingface-rerank/");
    const { page } = tab;
    const python = page.getByText("import dheera_ai").first();
    const typescript = page.getByText('import { rerank } from "dheera-ai"').first();
    expect([await python.isVisible(), await typescript.isVisible()]).toEqual([true, false]);
    await page
      .locator("label", { hasText: /^TypeScript$/ })
      .first()
      .click();
    expect([await python.isVisible(), await typescript.isVisible()]).toEqual([false, true]);
    const shown = (): Promise<readonly string[]> =>
      page
        .locator(".tabs > input:checked")
        .evaluateAll((radios) => radios.map((radio) => radio.getAttribute("value") ?? ""));
    expect((await shown()).filter((name) => !name.startsWith("TypeScript"))).toEqual([]);
    await page.reload();
    await eventually(() => typescript.isVisible()).toBe(true);
    await page.goto(`${site}huggingface-rerank/#python-2`);
    await eventually(() => page.locator("#python-2").isChecked()).toBe(true);
    expectQuiet(tab);
  });

  it("has tabs and pages that work without scripts, and with the keyboard", async () => {
    await using plain = await open("", { javaScriptEnabled: false });
    await plain.page.locator("label", { hasText: "Python" }).click();
    expect(await plain.page.getByText("pip install dheera-ai").isVisible()).toBe(true);
    await using tab = await open("");
    await tab.page.locator(".tabs > input").first().focus();
    await tab.page.keyboard.press("ArrowRight");
    expect(await tab.page.getByText("dheera_ai init").first().isVisible()).toBe(true);
  });

  it("copies a block of code, and selects it where a page served over plain http has no clipboard", async () => {
    await using tab = await open("", { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = tab;
    const block = page.locator(".code", { hasText: "npm install dheera-ai" }).filter({ visible: true }).first();
    const button = block.getByRole("button");
    await button.click();
    await eventually(() => button.innerText()).toBe("Copied");
    const code = (await block.locator("pre").innerText()).trimEnd();
    expect(code).toContain("npm install dheera-ai");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
    // This machine's own addresses count as safe, so what other hosts lack is taken away here.
    await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await page.reload();
    await button.click();
    await eventually(() => button.innerText()).toBe("Selected");
    expect(await page.evaluate(() => getSelection()?.toString().trimEnd())).toBe(code);
    expectQuiet(tab);
  });

  it("is dark where the reader's system is, and as the reader chooses", async () => {
    await using tab = await open("", { colorScheme: "dark" });
    const { page } = tab;
    const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await paper()).toBe("rgb(20, 19, 17)");
    await page.getByLabel("Select theme").first().selectOption("light");
    expect(await paper()).toBe("rgb(250, 248, 244)");
    await page.goto(`${site}errors/`);
    expect(await paper()).toBe("rgb(250, 248, 244)");
    expectQuiet(tab);
  });

  it("folds its menu on a phone, and nothing is wider than the screen", async () => {
    await using tab = await open("", phone);
    const { page } = tab;
    const link = page.locator("nav").getByRole("link", { name: "Telemetry", exact: true });
    expect(await link.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Menu" }).click();
    await link.click();
    await eventually(() => page.locator("h1").innerText()).toBe("Telemetry");
    expectQuiet(tab);
    for (const kind of kinds) {
      await page.goto(site + kind);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), kind).toBe(phone.viewport.width);
    }
  });

  it("offers the versions that are there, and leads to the same page of another one, or to its first", async () => {
    await using tab = await open("errors/");
    const { page } = tab;
    const choice = page.getByLabel("Version of the documentation").filter({ visible: true });
    await eventually(() => choice.locator("option").allInnerTexts()).toEqual(["0.2", "0.1"]);
    expect(await choice.inputValue()).toBe("v0.2");
    await choice.selectOption("0.1");
    await eventually(() => page.locator("h1").innerText()).toBe("Errors of 0.1");
    // What another version does not have is its first page.
    await page.goto(`${site}guides/self-hosting/`);
    await eventually(() => choice.locator("option").count()).toBe(2);
    await choice.selectOption("0.1");
    await eventually(() => page.locator("h1").innerText()).toBe("The first page of 0.1");
    expect(tab.problems).toEqual([]);
  });

  it("serves llms.txt and the Markdown of every page that it lists", async () => {
    const list = await (await fetch(`${site}llms.txt`)).text();
    const addresses = [...list.matchAll(/^- \[[^\]]+\]\((\S+)\): /gm)].map(
      ([, address = ""]) => new URL(address, site),
    );
    expect(addresses.length).toBeGreaterThan(90);
    for (const address of addresses) {
      const answer = await fetch(address);
      expect([answer.status, (await answer.text()).includes("# ")], address.pathname).toEqual([200, true]);
      const page = await fetch(new URL(".", address));
      expect(page.headers.get("content-type")).toContain("text/html");
    }
  });

  it("is small: a page, its styles and scripts come in less than 70 kB, compressed as servers do", async () => {
    await using tab = await open("");
    await tab.page.waitForLoadState("networkidle");
    const texts = tab.requests.filter((url) => !/\.(png|svg|json)$/.test(url));
    const sizes = await Promise.all(texts.map(compressedSize));
    expect(texts.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(70_000);
  });

  it.each(kinds)("is accessible, in the light and in the dark, wide and on a phone: /%s", async (kind) => {
    await using wide = await open(kind, { viewport: { width: 1280, height: 900 }, colorScheme: "light" });
    expect(await violations(wide.page)).toEqual([]);
    await using dark = await open(kind, { ...phone, colorScheme: "dark" });
    expect(await lowContrasts(dark.page)).toEqual([]);
    expectQuiet(wide);
    expectQuiet(dark);
  });
});

function open(path: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  return openPage(browser, site + path, options);
}

/** Nothing went wrong, and no request left the site. */
function expectQuiet({ requests, problems }: WatchedPage): void {
  expect(problems).toEqual([]);
  const { origin } = new URL(site);
  expect(requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith("data:"))).toEqual([]);
}

async function compressedSize(url: string): Promise<number> {
  return gzipSync(await (await fetch(url)).bytes()).length;
}
