import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Browser, Locator, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Collection } from "../../packages/eval/src/collections/collection.ts";
import { readCollection } from "../../packages/eval/src/collections/read-collection.ts";
import { startSimulator } from "../simulator/simulator.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { ask, documents, eventually, expectNothingBut, query } from "./page-steps.ts";

const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

let browser: Browser;
let proxy: ProxyProcess;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  const reranker = stack.use(await startSimulator());
  const folder = stack.use(
    await createFolder({
      "config.yaml": `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
  - model_name: flat
    dheera_ai_params: { model: bm25/default, k1: 0.1, b: 0 }
  - model_name: german
    dheera_ai_params: { model: bm25/default, language: german }
  - model_name: reranker
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${reranker.url}" }
    model_info: { input_cost_per_query: 0.002 }
  - model_name: down
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${reranker.url}/nowhere", num_retries: 0 }
  - model_name: both
    dheera_ai_params: { model: fusion/both, models: [bm25, reranker] }
  - model_name: sure
    dheera_ai_params:
      model: cascade/sure
      stages: [{ model: bm25, keep: 3 }, { model: reranker, keep: 2 }, { model: german, stop_when_score: 0 }]
  - model_name: broken
    dheera_ai_params:
      model: cascade/broken
      stages: [{ model: bm25, keep: 3 }, { model: both, keep: 2 }, { model: down }]
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

describe("up to four models", needs("chromium"), () => {
  it("are shown as each answers while nothing moves, and cancelling ends those that are missing", async () => {
    await using tab = await openPage(browser, proxy.url, desk);
    const { page } = tab;
    const held = new Map<string, Route>();
    await page.route("**/rerank", (route) => void held.set(route.request().postDataJSON().model, route));
    await choose(page, ["bm25", "flat", "german", "reranker"]);
    await ask(page);
    await eventually(async () => [...held.keys()].toSorted()).toEqual(["bm25", "flat", "german", "reranker"]);
    expect(await column(page, "flat").innerText()).toContain("Waiting for its answer…");
    const before = await places(page);

    // The second answers first, and the first is what it is compared with as soon as that is there.
    await held.get("flat")?.continue();
    await eventually(() => rows(page, "flat").count()).toBe(4);
    expect(await column(page, "flat").innerText()).toContain("The others are compared with it");
    expect(await page.locator("#announcement").textContent()).toBe("Waiting for 3…");
    await held.get("bm25")?.continue();
    await eventually(() => column(page, "flat").innerText()).toMatch(/\d of 2 shared · τ [−\d]/);
    await held
      .get("reranker")
      ?.fulfill({ status: 503, contentType: "application/json", body: '{"message":"no room"}' });
    await eventually(() => column(page, "reranker").getByRole("alert").textContent()).toBe("no room");

    const aborted = page.waitForEvent("requestfailed");
    await page.getByRole("button", { name: "Cancel" }).click();
    expect((await aborted).postDataJSON().model).toBe("german");
    expect(await column(page, "german").innerText()).toContain("Cancelled");
    expect(await page.locator("#announcement").textContent()).toBe("Cancelled");
    expect(await page.getByRole("button", { name: "Rerank" }).textContent()).toBe("Rerank");
    expect(await places(page)).toEqual(before);
    expectNothingBut(tab, proxy);
  });

  it("say what they cost, how far they agree with the first, and join each document to its next place", async () => {
    await using tab = await openPage(browser, proxy.url, desk);
    const { page } = tab;
    await page.locator("#top-n").fill("3");
    await choose(page, ["bm25", "reranker", "flat"]);
    await ask(page);
    await eventually(() => page.locator("#announcement").textContent()).toBe("3 of 4 ranked by 3 models");
    const [bm25, reranker] = await Promise.all([rankThere("bm25"), rankThere("reranker")]);
    const shared = bm25.slice(0, 2).filter((index) => reranker.slice(0, 2).includes(index)).length;
    expect(await column(page, "reranker").innerText()).toContain(`${shared} of 2 shared · τ `);
    expect(await column(page, "reranker").innerText()).toMatch(/ms · \$0\.002\n/);
    expect(await column(page, "bm25").innerText()).toMatch(/ms · cost not known\n/);

    // Of each document that either has: the height at which its line begins and ends.
    const lines = await column(page, "bm25")
      .locator(".lines path")
      .evaluateAll((paths) =>
        paths.map((path) => ({
          document: Number(path.getAttribute("data-document")),
          numbers:
            path
              .getAttribute("d")
              ?.match(/[\d.]+/g)
              ?.map(Number) ?? [],
        })),
      );
    const [left, right] = await Promise.all(["bm25", "reranker"].map((model) => heights(page, model)));
    expect(lines.map(({ document }) => document).toSorted()).toEqual([...new Set([...bm25, ...reranker])].toSorted());
    for (const { document, numbers } of lines) {
      const [from, to] = [left?.[bm25.indexOf(document)], right?.[reranker.indexOf(document)]];
      if (from !== undefined && to !== undefined) expect([numbers[1], numbers.at(-1)]).toEqual([from, to]);
      else expect(numbers[1]).toBe(from ?? to);
    }

    // A document is found again in every column, by a mouse and by the keyboard.
    await rows(page, "bm25").nth(1).focus();
    await page.keyboard.press("ArrowUp");
    const lit = page.locator(`[data-lit][data-document="${bm25[0]}"]`);
    expect(await lit.count()).toBe(await page.locator(`[data-document="${bm25[0]}"]`).count());
    await page.keyboard.press("ArrowRight");
    expect(
      await rows(page, "reranker")
        .first()
        .evaluate((row) => row === document.activeElement),
    ).toBe(true);
    expectNothingBut(tab, proxy);
  });

  it("are swiped on a phone, where their names lead to each", async () => {
    await using tab = await openPage(browser, proxy.url, phone);
    const { page } = tab;
    await choose(page, ["bm25", "flat", "german", "reranker"]);
    await ask(page);
    await eventually(() => page.locator("#announcement").textContent()).toBe("4 of 4 ranked by 4 models");
    const chooser = page.getByRole("navigation", { name: "Rankings" });
    await eventually(() => chooser.locator("[aria-current=true]").allTextContents()).toEqual(["bm25"]);
    await chooser.getByRole("button", { name: "reranker" }).click();
    await eventually(() => chooser.locator("[aria-current=true]").allTextContents()).toEqual(["reranker"]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expectNothingBut(tab, proxy);
  });

  it("are kept over a reload, and by a link from when there were two", async () => {
    await using tab = await openPage(browser, proxy.url, desk);
    const { page } = tab;
    await page.locator("#model option").first().waitFor({ state: "attached" });
    expect(await page.locator("#other-2").isVisible()).toBe(false);
    await choose(page, ["bm25", "flat", "german"]);
    await page.reload();
    await eventually(() => page.locator("#other-2").inputValue()).toBe("german");
    const old = Buffer.from(JSON.stringify({ query, documents: "typed", model: "reranker", other: "flat" }));
    const { deflateRawSync } = await import("node:zlib");
    await page.goto(`${proxy.url}/#state=${deflateRawSync(old).toString("base64url")}`);
    await eventually(() => page.locator("#documents").inputValue()).toBe("typed");
    await eventually(() => page.locator("#model").inputValue()).toBe("reranker");
    expect(await page.locator("#other").inputValue()).toBe("flat");
    expect(await page.locator("#other-2").inputValue()).toBe("");
  });
});

describe("a cascade", needs("chromium"), () => {
  it("shows what became of each stage, and which one ranked a document, alone and beside another", async () => {
    await using tab = await openPage(browser, proxy.url, desk);
    const { page } = tab;
    await choose(page, ["sure"]);
    await ask(page);
    await eventually(() => stagesOf(page, "sure")).toEqual([
      "bm25 4 documents · ms",
      "reranker 3 documents · ms · $0.002",
      "german Not asked: the stage before was sure, by the score of its best document",
    ]);
    // What left early keeps the score of its stage: that on the scale of the others would mean nothing.
    expect(await page.locator("#ranking .stage").allTextContents()).toEqual([
      ...Array.from({ length: 3 }, () => "ranked by reranker"),
      "ranked by bm25",
    ]);
    expect(await page.locator("[data-left]").count()).toBe(1);
    expect(await page.locator("#model-note").textContent()).toBe("sure asks bm25, reranker, german.");

    await choose(page, ["bm25", "sure", "broken", "both"]);
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(() => page.locator("#announcement").textContent()).toBe("4 of 4 ranked by 4 models");
    expect(await column(page, "sure").innerText()).toContain("bm25 4, reranker 3, german not asked");
    expect(await column(page, "both").innerText()).toContain("bm25 4, reranker 4");
    expect(await stagesOf(page, "broken")).toEqual([
      "bm25 4 documents · ms",
      "both 3 documents · ms · $0.002 bm25 3 documents · ms reranker 3 documents · ms · $0.002",
      "down Failed (provider failed) 2 documents · ms",
    ]);
    expect(await column(page, "broken").getByRole("list", { name: "Warnings" }).innerText()).toContain("down failed");
    expectNothingBut(tab, proxy);
  });
});

describe("a judgement", needs("chromium"), () => {
  it("is given with keys or buttons, shown in every ranking, kept over a reload, and sent nowhere", async () => {
    await using tab = await openPage(browser, proxy.url, desk);
    const { page } = tab;
    await choose(page, ["bm25", "reranker"]);
    await ask(page);
    await eventually(() => page.locator("#announcement").textContent()).toBe("4 of 4 ranked by 2 models");
    const asked = tab.requests.filter((url) => !url.endsWith("/model/info")).length;
    await page.getByRole("button", { name: "Judge" }).click();
    await rows(page, "bm25").first().focus();
    await page.keyboard.press("r");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("p");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("n");
    await page.keyboard.press("Delete");
    await rows(page, "reranker").filter({ hasText: "Dogs" }).getByRole("button", { name: "Not", exact: true }).click();
    const [best = 0, second = 0] = await rankThere("bm25");
    const judged = async (): Promise<readonly (readonly (string | null)[])[]> =>
      Promise.all(
        [best, second, 2].map((index) =>
          page
            .locator(`li[data-document="${index}"]`)
            .evaluateAll((all) => all.map((row) => row.getAttribute("data-judged"))),
        ),
      );
    const everywhere = [
      ["2", "2"],
      ["1", "1"],
      ["0", "0"],
    ];
    expect(await judged()).toEqual(everywhere);
    expect(await page.locator("#judged").textContent()).toBe(
      "3 judgements of 1 query, kept in this tab, and sent nowhere.",
    );
    expect(tab.requests.filter((url) => !url.endsWith("/model/info"))).toHaveLength(asked);

    await page.reload();
    await page.locator("#model option").first().waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(() => page.locator("#ranking li[data-document]").count()).toBe(8);
    await eventually(judged).toEqual(everywhere);
    await page.getByRole("button", { name: "Judge" }).click();

    const folder = stack.use(await createFolder()).path;
    const whole = await download(page, "jsonl");
    await writeFile(join(folder, whole.name), whole.text);
    await mkdir(join(folder, "qrels"));
    for (const [format, place] of [
      ["corpus", "."],
      ["queries", "."],
      ["qrels", "qrels"],
    ] as const) {
      const { name, text } = await download(page, format);
      await writeFile(join(folder, place, name), text);
    }
    const judgedTexts = new Map([
      [documents[best], 2],
      [documents[second], 1],
      [documents[2], 0],
    ]);
    const inFolder = await readCollection(folder);
    expect(gradesByText(inFolder)).toEqual(judgedTexts);
    const inFile = await readCollection(join(folder, whole.name));
    expect(inFile.queries.map(({ text }) => text)).toEqual([query]);
    expect(inFile.queries[0]?.candidates).toHaveLength(documents.length);
    // What nobody judged is not judged there either.
    expect(gradesByText(inFile)).toEqual(judgedTexts);
    await page.getByRole("button", { name: "Forget all" }).click();
    expect(await page.locator("#judged").textContent()).toContain("No judgements yet");
    expect(await page.evaluate(() => sessionStorage.getItem("dheera-ai-judgements"))).toBe("[]");
    expectNothingBut(tab, proxy);
  });
});

/** What is said of each stage, without how long it took. */
async function stagesOf(page: Page, model: string): Promise<readonly string[]> {
  const list = page.getByRole("list", { name: `Stages of ${model}` });
  const texts = await list.locator("> li").allInnerTexts();
  return texts.map((text) =>
    text
      .replaceAll(/\s+/g, " ")
      .replaceAll(/[\d.,]+ ms/g, "ms")
      .trim(),
  );
}

function gradesByText({ documents: texts, queries: [judged] }: Collection): ReadonlyMap<string | undefined, number> {
  return new Map([...(judged?.grades ?? [])].map(([id, grade]) => [texts.get(id), grade]));
}

async function choose(page: Page, [model = "", ...others]: readonly string[]): Promise<void> {
  await page.locator("#model option").first().waitFor({ state: "attached" });
  await page.locator("#model").selectOption(model);
  for (const [position, other] of others.entries())
    await page.locator(["#other", "#other-2", "#other-3"][position] ?? "").selectOption(other);
}

function column(page: Page, model: string): Locator {
  return page.getByRole("region", { name: model, exact: true });
}

function rows(page: Page, model: string): Locator {
  return column(page, model).locator("li[data-document]");
}

/** Where the names and the rankings stand, and where the page ends that is above the first rows. */
function places(page: Page): Promise<unknown> {
  return page
    .locator(".column h3, .column-body")
    .evaluateAll((parts) =>
      parts.map((part) => [part.getBoundingClientRect().x, part.getBoundingClientRect().y + scrollY]),
    );
}

/** The middles of the numbers of the rows, from the top of the column. */
async function heights(page: Page, model: string): Promise<readonly number[]> {
  return column(page, model).evaluate((place) => {
    const { top } = place.getBoundingClientRect();
    return [...place.querySelectorAll("li > .rank")].map((rank) => {
      const box = rank.getBoundingClientRect();
      return Math.round(box.top + box.height / 2 - top);
    });
  });
}

async function rankThere(model: string): Promise<readonly number[]> {
  const response = await fetch(`${proxy.url}/rerank`, {
    method: "POST",
    body: JSON.stringify({ model, query, documents, top_n: 3 }),
  });
  const { results }: { results: readonly { readonly index: number }[] } = await response.json();
  return results.map(({ index }) => index);
}

async function download(page: Page, format: string): Promise<{ readonly name: string; readonly text: string }> {
  await page.locator("#judging-format").selectOption(format);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const file = await downloading;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}
