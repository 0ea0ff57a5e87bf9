import { pathToFileURL } from "node:url";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { renderReport } from "../../packages/eval/src/page/render-report.ts";
import { exampleReport } from "../../packages/eval/src/page/testing/example-report.ts";
import { needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { violations } from "./page-steps.ts";

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const hostile = `</script><script>document.title = "taken"</script><img src=x onerror="document.title='taken'"> \u202Egnp`;

let browser: Browser;
let url: string;
let hostileUrl: string;
let smallUrl: string;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  const example = exampleReport();
  const [first = ""] = Object.keys(example.texts.queries);
  const texts = {
    queries: { ...example.texts.queries, [first]: hostile },
    documents: { ...example.texts.documents, "d1-1": hostile },
  };
  const folder = stack.use(
    await createFolder({
      "report.html": await renderReport(example),
      // What is said of one query holds for all, and checking all of them takes long.
      "small.html": await renderReport({ ...exampleReport(2), warnings: ["a warning"] }),
      "hostile.html": await renderReport({ ...example, texts, warnings: [hostile], stopped: hostile }),
    }),
  );
  url = pathToFileURL(`${folder.path}/report.html`).href;
  hostileUrl = pathToFileURL(`${folder.path}/hostile.html`).href;
  smallUrl = pathToFileURL(`${folder.path}/small.html`).href;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await stack.disposeAsync();
});

describe("the page of a report", needs("chromium"), () => {
  it("shows one model beside the baseline at a time, chosen by keyboard, without a script too", async () => {
    for (const javaScriptEnabled of [true, false]) {
      await using tab = await openPage(browser, url, { javaScriptEnabled });
      const heading = tab.page.locator(".comparison > h3").filter({ visible: true });
      expect(await heading.allTextContents()).toEqual(["minilm beside bm25"]);
      await tab.page.getByRole("radio", { name: "minilm" }).focus();
      await tab.page.keyboard.press("ArrowRight");
      expect(await heading.allTextContents()).toEqual(["cohere-5 beside bm25"]);
      expect(tab.problems).toEqual([]);
      expect(tab.requests).toEqual([url]);
    }
  });

  it("opens the query that a bar of the plot stands for, and finds queries by their words", async () => {
    await using tab = await openPage(browser, url);
    const { page } = tab;
    const group = page.locator(".compared-0 .group");
    const worst = group.first().locator("details.query").first();
    await page.locator(".compared-0 .on-desktop svg a").last().click();
    expect(await worst.getAttribute("open")).not.toBeNull();
    expect(await worst.locator("ol").count()).toBe(2);
    expect(await worst.locator("li").count()).toBe(20);

    const shown = page.locator("details.query").filter({ visible: true });
    const before = await shown.count();
    await page.getByLabel("Show queries that contain").fill("AIRPORT BUS?");
    expect(await shown.count()).toBeGreaterThan(0);
    expect(await shown.count()).toBeLessThan(before);
    expect(await page.locator("#found").textContent()).toBe(`${await shown.count()} queries`);
    for (const text of await shown.allTextContents()) expect(text.toLowerCase()).toContain("airport bus?");
    expect(tab.problems).toEqual([]);
  });

  it("reads no text as HTML", async () => {
    await using tab = await openPage(browser, hostileUrl);
    const { page } = tab;
    expect(await page.title()).toBe("hotel-handbook: 4 models measured · Dheera AI");
    expect(await page.locator("img, body script ~ script").count()).toBe(0);
    expect(await page.locator(".notices bdi").allTextContents()).toEqual([hostile, hostile]);
    expect(tab.problems).toEqual([]);
    expect(tab.requests).toEqual([hostileUrl]);
  });

  it.each([
    ["a phone", "light", phone],
    ["a desktop", "dark", { viewport: { width: 1280, height: 900 } }],
  ] as const)(
    "is accessible and nowhere too wide on %s in the %s, with all of it open",
    async (_, colorScheme, size) => {
      await using tab = await openPage(browser, smallUrl, { ...size, colorScheme });
      const { page } = tab;
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.viewport.width);
      await page.evaluate(() => {
        for (const part of document.querySelectorAll<HTMLDetailsElement>("details")) part.open = true;
      });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.viewport.width);
      expect(await violations(page)).toEqual([]);
    },
  );
});
