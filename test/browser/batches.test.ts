import { execFile } from "node:child_process";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { linesOf, masterKey, openBatches, ownKey, startBatch, startBatchProxy } from "./batch-steps.ts";
import { launchBrowser, openPage } from "./open-page.ts";
import { eventually, expectNothingBut, lowContrasts, violations } from "./page-steps.ts";
import { focused, widthOf } from "./teams-steps.ts";

const wide = { viewport: { width: 1280, height: 900 } };
const phone = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  colorScheme: "dark",
} as const;

describe("the page of batches", needs("chromium"), () => {
  const stack = new AsyncDisposableStack();
  let browser: Browser;
  let upstream: Simulator;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    [browser, upstream] = await Promise.all([
      launchBrowser(),
      startSimulator({
        illness: (text) => (text.startsWith("sick") ? "nan" : undefined),
        // Lines that wait for ever: what is seen of a batch that runs depends on no clock.
        script: ({ texts }) => (texts.some((text) => text.startsWith("endless")) ? { kind: "hang" } : undefined),
      }),
    ]);
    stack.defer(() => browser.close());
    stack.use(upstream);
    ({ proxy } = stack.use(await startBatchProxy(upstream.url)));
  });
  afterAll(() => stack.disposeAsync());

  it("takes a file, ranks it, sorts its errors by kind and saves its files without holding them", async () => {
    await using tab = await openBatches(browser, proxy, ownKey, { ...wide, acceptDownloads: true });
    const { page } = tab;
    await eventually(() => page.locator(".empty").innerText()).toContain("No batch yet");
    expect(await page.locator(".empty pre").innerText()).toContain(`export BASE=${proxy.url}/v1`);
    await page.getByRole("radio", { name: "Python" }).check();
    await eventually(() => page.locator(".empty pre").innerText()).toContain("from openai import OpenAI");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("radio", { name: "TypeScript" }).check();
    expect(await run(await page.locator(".empty pre").innerText())).toMatchObject({ custom_id: "1", error: null });

    await page.getByLabel("File of lines").setInputFiles(fileOf("table.csv", "query,document\n"));
    await eventually(() => page.locator(".new .problem").innerText()).toContain("The first line is not JSON");
    const lines = linesOf(["open on Sundays", "sick at heart", "a garden", "sick of it"]);
    await page.getByLabel("File of lines").setInputFiles(fileOf("questions.jsonl", lines));
    await eventually(() => page.locator(".new form").innerText()).toContain("for bge-reranker-v2-m3");
    expect(await focused(page)).toBe("Upload and start");
    await page.keyboard.press("Enter");

    await eventually(() => page.locator("h1").innerText()).toBe("questions.jsonl");
    await eventually(() => page.locator(".facts").innerText()).toContain("State\ncompleted");
    expect(await page.locator(".progress").innerText()).toContain("100 %\n4 of 4 lines, 2 of them failed");
    expect(await page.locator(".facts").innerText()).toContain("Cost\n$0.00");
    const kinds = page.getByRole("table", { name: "Errors by kind" }).getByRole("row");
    await eventually(() => kinds.count()).toBe(2);
    expect(await kinds.nth(1).innerText()).toMatch(/^provider_rejected\s+2\s/);
    expect(await violations(page)).toEqual([]);

    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the output" }).click(),
    ]);
    const output = (await readFile(await saved.path(), "utf8")).trimEnd().split("\n");
    expect(output.map((line) => JSON.parse(line).custom_id)).toEqual(["line-0", "line-2"]);
    expect(saved.suggestedFilename()).toMatch(/_output\.jsonl$/);

    await page.getByRole("link", { name: "All batches" }).click();
    await eventually(() => page.getByRole("row").nth(1).innerText()).toContain("4 of 4");
    expect(await page.getByRole("row").nth(1).innerText()).toContain("questions.jsonl");
    expectNothingBut(tab, proxy);
  });

  it("follows a batch on a phone in the dark, cancels it by the keyboard, and shows it to no other key", async () => {
    await using tab = await openBatches(browser, proxy, masterKey, phone);
    const { page } = tab;
    const text = linesOf(["one", "two", "endless three", "endless four"]);
    const dropped = await page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], "long.jsonl"));
      return transfer;
    }, text);
    await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
    await page.getByRole("button", { name: "Upload and start" }).click();
    await eventually(() => page.locator("h1").innerText()).toBe("long.jsonl");
    await eventually(() => page.locator(".progress").innerText()).toContain("50 %\n2 of 4 lines");
    await eventually(() => page.locator(".facts").innerText()).toMatch(/Lines a second\n\d/);
    expect(await page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("50");
    expect(await widthOf(page)).toBe(phone.viewport.width);
    expect(await lowContrasts(page)).toEqual([]);

    await page.getByRole("button", { name: "Cancel the batch" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Let it run" }).click();
    await eventually(() => focused(page)).toBe("Cancel the batch");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the batch" }).press("Enter");
    await eventually(() => page.locator(".facts").innerText()).toContain("State\ncancelled");
    await eventually(() => page.getByRole("table", { name: "Errors by kind" }).innerText()).toContain(
      "batch_cancelled",
    );
    expect(await page.locator("#news").innerText()).toBe("The batch is cancelled.");
    expect(await violations(page)).toEqual([]);
    expect(await widthOf(page)).toBe(phone.viewport.width);
    const address = page.url();

    await page.getByLabel("Key", { exact: true }).fill("sk-of-nobody");
    await page.keyboard.press("Enter");
    await eventually(() => page.getByRole("alert").last().innerText()).toContain("does not accept that key");
    await page.getByLabel("Key", { exact: true }).fill(ownKey);
    await page.keyboard.press("Enter");
    await eventually(() => page.getByRole("alert").last().innerText()).toContain("there is no such batch");
    expect(page.url()).toBe(address);
    expectNothingBut(tab, proxy);
  });

  it("shows how far an upload is and ends it, and why a batch was refused", async () => {
    const refused = await startBatch(proxy, { lines: linesOf(["a"]) + linesOf(["b"]), name: "twice.jsonl" });
    await using tab = await openBatches(browser, proxy, ownKey, wide);
    const { page, context } = tab;
    await page.getByRole("link", { name: "twice.jsonl" }).waitFor();
    await page.goto(`${proxy.url}/ui/batches#${refused}`);
    await eventually(() => page.locator(".facts").innerText()).toContain("State\nrefused");
    expect(await page.getByRole("table", { name: "Problems of the input" }).innerText()).toContain("custom_id");
    await page.getByRole("link", { name: "All batches" }).click();

    const slow = await context.newCDPSession(page);
    const limits = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 20_000 };
    await slow.send("Network.emulateNetworkConditions", limits);
    const large = linesOf(Array.from({ length: 20_000 }, (_, index) => `document ${index}`));
    await page.getByLabel("File of lines").setInputFiles(fileOf("large.jsonl", large));
    await page.getByRole("button", { name: "Upload and start" }).click();
    await eventually(() => page.locator(".uploading").innerText()).toContain(" a second");
    expect(await violations(page, [".new"])).toEqual([]);
    await page.getByRole("button", { name: "Cancel the upload" }).click();
    await eventually(() => focused(page)).toBe("Choose a file");
    expect(await page.locator("#problem").innerText()).toBe("");
    expectNothingBut(tab, proxy);
  });

  it("does not send a file again whose batch could not begin", async () => {
    await using tab = await openBatches(browser, proxy, ownKey, wide);
    const { page, requests } = tab;
    await page.getByLabel("File of lines").setInputFiles(fileOf("once.jsonl", linesOf(["a"])));
    await page.getByLabel("What has not ended").evaluate((select) => {
      // No such time, as of a page that is older than its proxy.
      select.append(new Option("ever", "ever", true, true));
    });
    await page.getByRole("button", { name: "Upload and start" }).click();
    await eventually(() => page.locator(".new .problem").innerText()).toContain("completion_window");
    await page.getByRole("button", { name: "Start the batch" }).click();
    await eventually(() => page.locator(".facts").innerText()).toContain("State\ncompleted");
    expect(requests.filter((url) => url.endsWith("/v1/files"))).toHaveLength(1);
    expectNothingBut(tab, proxy);
  });

  it("says why a batch waits and goes on with it, and says when the proxy is away", async () => {
    await upstream.kill();
    await using tab = await openBatches(browser, proxy, ownKey, wide);
    const { page } = tab;
    const waiting = await startBatch(proxy, { lines: linesOf(["five", "six"]), name: "patient.jsonl" });
    await page.goto(`${proxy.url}/ui/batches#${waiting}`);
    await eventually(() => page.locator(".warnings").innerText()).toMatch(/^Paused: .*huggingface/);
    await eventually(() => page.locator(".facts").innerText()).toContain("State\npaused");
    expect(await lowContrasts(page)).toEqual([]);
    await page.context().setOffline(true);
    await eventually(() => page.locator("#problem").innerText()).toContain("The proxy cannot be reached");
    await page.context().setOffline(false);
    await upstream.restart();
    await eventually(() => page.locator(".facts").innerText()).toContain("State\ncompleted");
    expect(await page.locator(".warnings").isVisible()).toBe(false);
    expect(await page.locator("#problem").innerText()).toBe("");
    expect(await page.locator(".progress").innerText()).toContain("100 %\n2 of 2 lines");
    expectNothingBut(tab, proxy);
  });

  it("says what to set where files are kept nowhere", async () => {
    await using folder = await createFolder({
      "config.yaml": "model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]\n",
    });
    await using bare = await startProxy(`${folder.path}/config.yaml`);
    await using tab = await openPage(browser, `${bare.url}/ui/batches/`, wide);
    await eventually(() => tab.page.locator(".empty").innerText()).toContain("batch_settings:\n  storage: ./batches");
    expect(tab.page.url()).toBe(`${bare.url}/ui/batches`);
    expectNothingBut(tab, bare);
  });
});

/** Runs a program of the page as somebody with a key does. @returns the line that it prints */
async function run(program: string): Promise<unknown> {
  await using folder = await createFolder({ "package.json": '{ "type": "module" }' });
  await symlink(fileURLToPath(new URL("../node_modules", import.meta.url)), join(folder.path, "node_modules"));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module-typescript", "-e", program.replace('"MODEL"', '"bge-reranker-v2-m3"')],
    { cwd: folder.path, env: { ...process.env, DHEERA_AI_API_KEY: ownKey } },
  );
  return JSON.parse(stdout);
}

function fileOf(name: string, content: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: "application/octet-stream", buffer: Buffer.from(content) };
}
