import { readFile } from "node:fs/promises";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startSimulator } from "../simulator/simulator.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { ask, chooseFile, documents, eventually, expectNothingBut, query, violations } from "./page-steps.ts";

const phone = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
const masterKey = "sk-master-1234";

let browser: Browser;
let open: ProxyProcess;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  const [first, second] = await Promise.all([startSimulator(), startSimulator()]);
  stack.use(first);
  stack.use(second);
  const folder = stack.use(
    await createFolder({
      "config.yaml": `
model_list:
  - model_name: keyless
    dheera_ai_params: { model: bm25/default, api_key: os.environ/NOT_SET }
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
  - model_name: reranker
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${first.url}" }
    model_info: { id: replica-a }
  - model_name: reranker
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${second.url}" }
    model_info: { id: replica-b }
  - model_name: flat
    dheera_ai_params: { model: bm25/default, k1: 0.1, b: 0 }
  - model_name: down
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${first.url}/nowhere", num_retries: 0 }
dheera_ai_settings: { cache: true }
`,
    }),
  );
  [browser, open] = await Promise.all([launchBrowser(), startProxy(`${folder.path}/config.yaml`)]);
});

afterAll(async () => {
  await browser.close();
  await open.stop();
  await stack.disposeAsync();
});

describe("on a phone", needs("chromium"), () => {
  it("pressing Rerank brings the ranking into sight, and Edit leads back", async () => {
    await using tab = await openPage(browser, open.url, phone);
    const { page } = tab;
    await ask(page);
    await eventually(() => page.locator("#ranking li").count()).toBe(4);
    expect(await isInSight(page, "#announcement")).toBe(true);
    expect(await isInSight(page, "#ranking li")).toBe(true);
    // The headline stays while one looks through the ranking.
    await page.locator("#ranking li").last().scrollIntoViewIfNeeded();
    expect(await isInSight(page, "#announcement")).toBe(true);
    await page.getByRole("button", { name: "Edit" }).click();
    expect(await isInSight(page, "#query")).toBe(true);
    expect(await page.locator("#query").evaluate((field) => field === document.activeElement)).toBe(true);
    expectNothingBut(tab, open);
  });

  it("a refusal is brought into sight too", async () => {
    await using tab = await openPage(browser, open.url, phone);
    await ask(tab.page, "[1,2");
    await eventually(() => tab.page.locator("#problem").textContent()).toContain("“]” is missing");
    expect(await isInSight(tab.page, "#problem")).toBe(true);
  });

  it.each([320, 360, 390])("nothing is wider than %i px, with one ranking and with two", async (width) => {
    await using tab = await openPage(browser, open.url, { ...phone, viewport: { width, height: 640 } });
    const { page } = tab;
    const wide = JSON.stringify([{ text: "w".repeat(400), ["n".repeat(80)]: "v".repeat(400) }, "two"]);
    await ask(page, wide);
    await eventually(() => page.locator("#ranking li").count()).toBe(2);
    await page.locator("#ranking summary").first().click();
    expect(await widthOf(page)).toBe(width);
    await page.getByText("More options").click();
    // So that there are calls to show.
    await page.getByLabel("Score afresh").check();
    await page.locator("#other").selectOption("reranker");
    await ask(page, wide);
    await eventually(() => page.locator("#ranking li[data-document]").count()).toBe(4);
    await page.getByText("How it came about").click();
    expect(await page.locator(".calls").count()).toBe(2);
    expect(await widthOf(page)).toBe(width);
  });

  it("everything that is pressed is as high as a finger needs", async () => {
    await using tab = await openPage(browser, open.url, phone);
    const { page } = tab;
    await chooseFile(page, "many.jsonl", manyDocuments(60));
    await page.getByRole("button", { name: "Rerank" }).click();
    await page.locator("#pager").waitFor();
    await page.getByText("More options").click();
    const low = await page
      .locator(
        "button, select, input:not([type=radio], [type=checkbox]), summary, .top nav a, label:has([type=radio]), label:has([type=checkbox])",
      )
      .filter({ visible: true })
      .evaluateAll((parts) =>
        parts.filter((part) => part.getBoundingClientRect().height < 44).map((part) => part.outerHTML),
      );
    expect(low).toEqual([]);
  });
});

describe("a long ranking", needs("chromium"), () => {
  it.each([1_000, 10_000])("of %i results stays short, and each can be found by its number", async (count) => {
    await using tab = await openPage(browser, open.url, { viewport: { width: 1240, height: 900 } });
    const { page } = tab;
    await chooseFile(page, "many.jsonl", manyDocuments(count));
    await page.locator("#query").fill("needle in the haystack");
    await page.locator("#model").selectOption("bm25");
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(() => page.locator("#page-position").textContent()).toBe(`1–25 of ${count.toLocaleString("en")}`);
    expect(await page.locator("#ranking li").count()).toBe(25);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(6_000);

    // With the keyboard alone.
    await page.getByRole("button", { name: "Next page" }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#ranking .rank").first().textContent()).toBe("26");
    expect(
      await page
        .locator("#ranking li")
        .first()
        .evaluate((row) => row === document.activeElement),
    ).toBe(true);
    await page.getByRole("button", { name: "Last page" }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#ranking .rank").last().textContent()).toBe(String(count));

    await page.getByLabel("Go to").selectOption("document");
    await page.getByRole("spinbutton", { name: "Number" }).fill("778");
    await page.keyboard.press("Enter");
    const found = page.locator("#ranking li:focus");
    await eventually(() => found.locator(".text").first().textContent()).toContain("document 778 ");
    await page.getByRole("spinbutton", { name: "Number" }).fill(String(count + 1));
    await page.keyboard.press("Enter");
    await eventually(() => page.locator("#go-problem").textContent()).toContain("There is no document");
    expectNothingBut(tab, open);
  });

  it("shows all fields of a record, unfolds what is long, and marks the words of the query", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    const long = `The library ${"is large and ".repeat(60)}closes at four on Sundays <b>.`;
    await ask(
      page,
      JSON.stringify([
        { text: long, year: 1999, tags: ["a", "b"] },
        { title: "Opening hours", body: "none" },
      ]),
    );
    await eventually(() => page.locator("#ranking li").count()).toBe(2);
    const first = page.locator("#ranking li").filter({ hasText: "large" });
    expect(await first.innerText()).not.toContain("1999");
    await first.getByText("Show all").click();
    expect(await first.locator(".whole .text").textContent()).toBe(long);
    expect(await first.locator(".whole dl").innerText()).toMatch(/year\s+1999\s+tags\s+\["a","b"\]/);
    expect(await first.locator(".whole mark").allTextContents()).toEqual(["library", "closes", "Sundays"]);
    await first.getByText("Show less").click();
    expect(await first.locator(".whole").isVisible()).toBe(false);
    expect(await page.locator("#ranking li").filter({ hasText: "Opening" }).locator("dl").innerText()).toContain(
      "body",
    );
    expectNothingBut(tab, open);
  });
});

describe("two models side by side", needs("chromium"), () => {
  it("are both asked, and the movement between them is said in signs and in words", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await page.locator("#other").selectOption("reranker");
    await page.locator("#top-n").fill("3");
    await ask(page);
    await eventually(() => page.locator("#ranking li[data-document]").count()).toBe(6);
    const rankings = await Promise.all(["bm25", "reranker"].map((model) => rankThere(model, 3)));
    const [one = [], other = []] = rankings;
    for (const [index, ranking] of rankings.entries())
      expect(await page.locator("#ranking .column").nth(index).locator(".text").allTextContents()).toEqual(
        ranking.map((position) => documents[position]),
      );
    expect(await page.locator("#ranking .column h3").allTextContents()).toEqual(["bm25", "reranker"]);
    const signs = other.map((position, rank) => {
      const before = one.indexOf(position);
      if (before === -1) return "new";
      return before === rank ? "=" : before > rank ? `+${before - rank}` : `−${rank - before}`;
    });
    const second = page.locator("#ranking .column").nth(1);
    expect(await second.locator(".movement [aria-hidden]").allTextContents()).toEqual(signs);
    for (const words of await second.locator(".movement .hidden").allTextContents()) expect(words).toContain("bm25");
    expectNothingBut(tab, open);
  });

  it("show the one that answers where the other does not, and say which did not", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await page.route("**/rerank", (route) =>
      route.request().postDataJSON().model === "reranker"
        ? route.fulfill({ status: 503, contentType: "application/json", body: '{"message":"no room"}' })
        : route.continue(),
    );
    await page.locator("#other").selectOption("reranker");
    await ask(page);
    await eventually(() => page.locator("#ranking li[data-document]").count()).toBe(4);
    await eventually(() => page.getByRole("region", { name: "reranker" }).getByRole("alert").textContent()).toBe(
      "no room",
    );
    expect(await page.locator("#problem").isHidden()).toBe(true);
  });

  it("offer no model that cannot be called, and begin with one that can", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await eventually(() => page.locator("#model option").allTextContents()).toEqual([
      "keyless (unavailable)",
      "bm25",
      "reranker",
      "flat",
      "down",
    ]);
    expect(await page.locator("#model").inputValue()).toBe("bm25");
    expect(await page.locator("#model option").first().isDisabled()).toBe(true);
    expect(await page.locator("#other option").nth(1).isDisabled()).toBe(true);
  });
});

it("says which replica scored what, and which scores were known", needs("chromium"), async () => {
  await using tab = await openPage(browser, open.url);
  const { page } = tab;
  await page.locator("#model").selectOption("reranker");
  await ask(page, ["one", "two"].join("\n"));
  await eventually(() => page.locator("#ranking li").count()).toBe(2);
  await page.locator("#documents").fill(["one", "two", "three"].join("\n"));
  await page.getByRole("button", { name: "Rerank" }).click();
  await eventually(() => page.locator("#ranking li").count()).toBe(3);
  await page.getByText("How it came about").click();
  const said = await page.locator("#explanation").innerText();
  expect(said).toContain("2 cached, 1 computed");
  expect(said).toMatch(/replica-[ab]\s+1\s+3\s/);
  expect(said).toContain("in the queue");
  expect(said).not.toContain("127.0.0.1");
  expect(await page.locator("#ranking li").filter({ hasText: "cached" }).count()).toBe(2);
  expectNothingBut(tab, open);
});

describe("a file", needs("chromium"), () => {
  it("of CSV is dropped on the documents, and its column is chosen", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    const csv = 'title,body\r\nHours,"closes at four,\non Sundays"\r\nLoans,four weeks\r\n';
    // UTF-16 with its mark, as spreadsheets save it.
    await drop(page, "table.csv", [0xff, 0xfe, ...Buffer.from(csv, "utf16le")]);
    await eventually(() => page.locator("#document-count").textContent()).toBe("2 documents");
    expect(await page.locator("#documents").inputValue()).toContain('"title":"Loans"');
    await page.locator("#column").selectOption("body");
    await eventually(() => page.locator("#documents").inputValue()).toContain('"closes at four,\\non Sundays"');
    await page.getByLabel("The first row names the columns").uncheck();
    await eventually(() => page.locator("#document-count").textContent()).toBe("3 documents");
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(() => page.locator("#ranking li").count()).toBe(3);
    expectNothingBut(tab, open);
  });

  it.each([
    ["broken.csv", 'a,b\n"x', "broken.csv: Line 2: a quoted field has no closing quote"],
    ["broken.jsonl", '{"a":1}\n{', "broken.jsonl: Line 2 is not valid JSON"],
    ["list.txt", "[1,2", "list.txt: The documents begin like a JSON list, but its “]” is missing"],
  ])("that cannot be read leaves the form as it is: %s", async (name, content, message) => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    const before = await page.locator("#documents").inputValue();
    await chooseFile(page, name, content);
    await eventually(() => page.locator("#file-problem").textContent()).toContain(message);
    expect(await page.locator("#documents").inputValue()).toBe(before);
  });
});

describe("the form", needs("chromium"), () => {
  it("is shared as a link that holds no key and is not sent to the proxy", async () => {
    await using tab = await openPage(browser, open.url, { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = tab;
    await page.locator("#key").fill(masterKey);
    await page.keyboard.press("Enter");
    await page.locator("#other").selectOption("reranker");
    await page.locator("#top-n").fill("2");
    await ask(page);
    await page.getByRole("button", { name: "Copy a link" }).click();
    await eventually(() => page.locator("#share-note").textContent()).toContain("no key");
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link.length).toBeLessThan(600);
    expect(link).not.toContain(masterKey);

    await using other = await openPage(browser, link);
    await eventually(() => other.page.locator("#other").inputValue()).toBe("reranker");
    expect(await other.page.locator("#query").inputValue()).toBe(query);
    expect(await other.page.locator("#documents").inputValue()).toBe(documents.join("\n"));
    expect(await other.page.locator("#top-n").inputValue()).toBe("2");
    expect(await other.page.locator("#key").inputValue()).toBe("");
    expect(other.requests.slice(1).filter((url) => url.includes("state"))).toEqual([]);
    expect(other.page.url()).toBe(`${open.url}/`);
    expectNothingBut(other, open);
  });

  it("is offered as a file where it is too large for a link, and opened from that file", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    const typed = Array.from({ length: 3_000 }, (_, index) => `text ${Math.sin(index)}`).join("\n");
    await chooseFile(page, "many.txt", typed);
    await eventually(() => page.locator("#document-count").textContent()).toBe("3,000 documents");
    await page.getByRole("button", { name: "Copy a link" }).click();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download it as a file" }).click();
    const saved = await readFile(await (await downloading).path(), "utf8");
    await page.locator("#documents").fill("other");
    await chooseFile(page, "dheera-ai-playground.json", saved);
    await eventually(() => page.locator("#documents").inputValue()).toBe(typed);
    expectNothingBut(tab, open);
  });

  it("is as it was when the page is loaded again", async () => {
    await using tab = await openPage(browser, open.url);
    const { page } = tab;
    await page.locator("#model").selectOption("reranker");
    await page.locator("#query").fill(query);
    await page.locator("#documents").fill("typed");
    await page.getByText("More options").click();
    await page.getByLabel("Score afresh").check();
    await page.reload();
    await eventually(() => page.locator("#model").inputValue()).toBe("reranker");
    expect(await page.locator("#query").inputValue()).toBe(query);
    expect(await page.locator("#documents").inputValue()).toBe("typed");
    expect(await page.locator("#no-cache").isChecked()).toBe(true);
  });
});

it("asks for the state of deployments only while it is visible", needs("chromium"), async () => {
  await using tab = await openPage(browser, open.url);
  const { page } = tab;
  await page.locator("#deployments tr").first().waitFor();
  const marks: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/model/info")) marks.push(request.headers()["x-dheera-background"]);
  });
  await eventually(async () => marks.length).toBeGreaterThan(1);
  expect(new Set(marks)).toEqual(new Set(["true"]));
  await page.clock.install();
  await show(page, false);
  // What had been asked before has been answered.
  await page.evaluate(() => fetch("v1/models").then((response) => response.text()));
  const before = marks.length;
  await page.clock.runFor(600_000);
  await page.evaluate(() => fetch("v1/models").then((response) => response.text()));
  expect(marks.length - before).toBeLessThanOrEqual(1);
  await show(page, true);
  await eventually(async () => marks.length).toBeGreaterThan(before);
});

describe.each([
  { what: "a phone in the light", options: { colorScheme: "light" as const, ...phone } },
  { what: "a phone in the dark", options: { colorScheme: "dark" as const, ...phone } },
  { what: "a desk in the light", options: { colorScheme: "light" as const } },
  { what: "a desk in the dark", options: { colorScheme: "dark" as const } },
])("on $what", needs("chromium"), ({ options }) => {
  it("four long rankings, one of which failed, their pages, judgements and how they came about are accessible", async () => {
    await using tab = await openPage(browser, open.url, options);
    const { page } = tab;
    await page.locator("#model").selectOption("bm25");
    await page.locator("#other").selectOption("reranker");
    await page.locator("#other-2").selectOption("flat");
    await page.locator("#other-3").selectOption("down");
    await chooseFile(
      page,
      "table.csv",
      `text,year\n${"a long text about libraries ".repeat(12)},1999\n`.padEnd(400, " "),
    );
    await chooseFile(page, "many.jsonl", manyDocuments(60));
    await page.getByRole("button", { name: "Rerank" }).click();
    await eventually(() => page.locator("#announcement").textContent()).toBe("60 of 60 ranked by 3 of 4 models");
    await page.locator("#ranking summary").first().click();
    await page.getByRole("button", { name: "Judge" }).click();
    for (const [row, name] of ["Relevant", "Partly", "Not"].entries())
      await page.locator("#ranking li").nth(row).getByRole("button", { name, exact: true }).click();
    await page.getByText("How it came about").click();
    await page.getByRole("button", { name: "Copy a link" }).click();
    await page.locator("#share-note").waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

/** Texts of many lengths, some of them records; one line each. */
function manyDocuments(count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const text = `document ${index + 1} has hay ${"and hay ".repeat(index % 60)}and ${index % 7 === 0 ? "a needle" : "nothing"}`;
    return JSON.stringify(index % 3 === 0 ? { text, year: 1900 + (index % 100) } : { text });
  }).join("\n");
}

async function drop(page: Page, fileName: string, content: readonly number[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], name));
      return data;
    },
    { name: fileName, bytes: content },
  );
  await page.dispatchEvent("#documents", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent("#documents", "drop", { dataTransfer: transfer });
}

async function show(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate((visible) => {
    Object.defineProperty(document, "hidden", { value: !visible, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isVisible);
}

function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

function isInSight(page: Page, selector: string): Promise<boolean> {
  return page
    .locator(selector)
    .first()
    .evaluate((part) => {
      const { top, bottom } = part.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
}

async function rankThere(model: string, count: number): Promise<readonly number[]> {
  const response = await fetch(`${open.url}/rerank`, {
    method: "POST",
    body: JSON.stringify({ model, query, documents, top_n: count }),
  });
  const { results }: { results: readonly { readonly index: number }[] } = await response.json();
  return results.map(({ index }) => index);
}
