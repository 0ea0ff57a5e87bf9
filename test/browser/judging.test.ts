import { readFile } from "node:fs/promises";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createJudgingFolder, openJudgingFolder } from "../../packages/eval/src/judging/folder/judging-folder.ts";
import { type JudgingServer, startJudging } from "../../packages/eval/src/judging/server/judging-server.ts";
import { needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { launchBrowser, openPage, type WatchedPage } from "./open-page.ts";
import { eventually, violations } from "./page-steps.ts";

const hostile = `</p><script>document.title = "taken"</script><img src=x onerror="document.title='taken'">`;
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

interface Judging extends AsyncDisposable {
  readonly server: JudgingServer;
  qrels(): Promise<readonly string[]>;
}

/** A folder with two queries, on its page. */
async function startExample(path: string): Promise<Judging> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openJudgingFolder(path));
  const server = stack.use(await startJudging(folder, { port: 0, nextCommand: `dheera_ai eval ${path}` }));
  const running = stack.move();
  return {
    server,
    qrels: async () => (await readFile(`${path}/qrels/test.tsv`, "utf8")).trim().split("\n").slice(1),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function createExample(path: string): Promise<void> {
  await createJudgingFolder(path, {
    documents: [
      { id: "d1", title: "Pool", text: "It opens at six." },
      { id: "d2", text: hostile },
      { id: "d3", text: `${"Long. ".repeat(4_000)}end` },
      { id: "d4", text: "" },
    ],
    queries: [
      { id: "q1", text: "When does the pool open?", documents: ["d1", "d2", "d3"] },
      { id: "q2", text: hostile, documents: ["d4", "d1"] },
    ],
  });
}

const shown = (page: Page): Promise<string | null> => page.locator("#text").textContent();
const counted = (page: Page): Promise<string | null> => page.locator("#count").textContent();

function expectNothingBut({ requests, problems }: WatchedPage, { server }: Judging): void {
  expect(problems).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(server.url) && url !== server.startUrl)).toEqual([]);
}

describe("the page that judges", needs("chromium"), () => {
  it("takes judgements by keyboard, each at once, goes back, and goes on after it was ended", async () => {
    await using files = await createFolder({});
    await createExample(files.path);
    {
      await using judging = await startExample(files.path);
      await using tab = await openPage(browser, judging.server.startUrl);
      const { page } = tab;
      await eventually(() => shown(page)).toBe("It opens at six.");
      expect(page.url()).toBe(judging.server.url);
      expect(await page.locator("#title").textContent()).toBe("Pool");
      await page.keyboard.press("r");
      await eventually(() => shown(page)).toBe(hostile);
      expect(await judging.qrels()).toEqual(["q1\td1\t2"]);
      await page.keyboard.press("n");
      await eventually(() => shown(page)).toMatch(/^Long\./);
      await page.keyboard.press("b");
      await eventually(() => page.locator("#before").textContent()).toContain("Judged as not relevant");
      expect(await page.locator('[aria-pressed="true"]').textContent()).toContain("Not");
      await page.keyboard.press("p");
      await eventually(() => shown(page)).toMatch(/^Long\./);
      expect(await judging.qrels()).toEqual(["q1\td1\t2", "q1\td2\t1"]);
      expect(await page.title()).toBe("Judge · Dheera AI");
      expectNothingBut(tab, judging);
    }
    await using judging = await startExample(files.path);
    await using tab = await openPage(browser, judging.server.url);
    const { page } = tab;
    await eventually(() => counted(page)).toBe("2 of 5, 3 left");
    await page.keyboard.press("s");
    await eventually(() => page.locator("#query").textContent()).toBe(hostile);
    expect(await page.locator("nav li").first().textContent()).toContain("✓ finished");
    expect(await shown(page)).toBe("(this document is empty)");
    await page.keyboard.press("0");
    await eventually(() => shown(page)).toBe("It opens at six.");
    await page.keyboard.press("2");
    await eventually(() => page.locator("#done").isVisible()).toBe(true);
    expect(await page.locator("#sum").textContent()).toBe("4 judgements are written, 1 document was skipped.");
    expect(await page.locator("#next").textContent()).toBe(`dheera_ai eval ${files.path}`);
    expect(await judging.qrels()).toEqual(["q1\td1\t2", "q1\td2\t1", "q2\td4\t0", "q2\td1\t2"]);
    await page.getByRole("button", { name: "Finish", exact: true }).click();
    await judging.server.finished;
    await eventually(() => page.locator("#status").textContent()).toContain("everything is written");
    expectNothingBut(tab, judging);
  });

  it("loses no judgement of two tabs, and says so when the command has ended", async () => {
    await using files = await createFolder({});
    await createExample(files.path);
    await using stack = new AsyncDisposableStack();
    const judging = await startExample(files.path);
    stack.defer(() => judging[Symbol.asyncDispose]());
    await using one = await openPage(browser, judging.server.url);
    await using other = await openPage(browser, judging.server.url);
    for (const { page } of [one, other]) await eventually(() => shown(page)).toBe("It opens at six.");
    await one.page.keyboard.press("r");
    await eventually(() => shown(one.page)).toBe(hostile);
    await other.page.keyboard.press("n");
    await eventually(() => other.page.locator("#status").textContent()).toContain("judged in another tab");
    expect(await judging.qrels()).toEqual(["q1\td1\t2"]);
    await eventually(() => other.page.locator("#before").textContent()).toContain("Judged as relevant");
    await other.page.keyboard.press("n");
    await eventually(() => judging.qrels()).toEqual(["q1\td1\t0"]);

    await judging[Symbol.asyncDispose]();
    await one.page.keyboard.press("r");
    await eventually(() => one.page.locator("#status").textContent()).toContain("Not saved: the command has ended");
    expect(await shown(one.page)).toBe(hostile);
  });

  it.each([
    ["a phone", "light", phone],
    ["a desktop", "dark", { viewport: { width: 1280, height: 900 } }],
  ] as const)(
    "is accessible and nowhere too wide on %s in the %s, at work and at the end",
    async (_, colorScheme, size) => {
      await using files = await createFolder({});
      await createExample(files.path);
      await using judging = await startExample(files.path);
      await using tab = await openPage(browser, judging.server.url, { ...size, colorScheme });
      const { page } = tab;
      await eventually(() => shown(page)).toBe("It opens at six.");
      await page.keyboard.press("r");
      await eventually(() => shown(page)).toBe(hostile);
      await page.keyboard.press("b");
      await eventually(() => page.locator('[aria-pressed="true"]').count()).toBe(1);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.viewport.width);
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("f");
      for (const left of [3, 2, 1, 0]) {
        await eventually(() => page.locator("#before").textContent()).toBe("");
        await page.keyboard.press("r");
        await eventually(() => counted(page)).toBe(`${5 - left} of 5, ${left} left`);
      }
      await eventually(() => page.locator("#done").isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
    },
  );
});
