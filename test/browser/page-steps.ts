import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

import type { ProxyProcess } from "../support/proxy-process.ts";
import type { WatchedPage } from "./open-page.ts";

export const query = "When does the library close on Sundays?";
export const documents = [
  "The library lends books for four weeks.",
  "On Sundays the library is open from ten and does close at four.",
  "Dogs are welcome in the garden.",
  "The cafe beside the library does not open on Sundays.",
];

/** The machine may be busy. */
export function eventually<Value>(read: () => Promise<Value>): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: 60_000 });
}

export async function ask(page: Page, typed: string = documents.join("\n")): Promise<void> {
  await page.locator("#model option").first().waitFor({ state: "attached" });
  await page.locator("#query").fill(query);
  await page.locator("#documents").fill(typed);
  await page.getByRole("button", { name: "Rerank" }).click();
}

/** Chooses a file as a user does, without one on the disk. */
export async function chooseFile(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  const buffer = Buffer.from(content);
  await page.locator("#file").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
}

/** Nothing went wrong, and no request went anywhere but to the proxy. */
export function expectNothingBut({ requests, problems }: WatchedPage, proxy: ProxyProcess): void {
  expect(problems).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(`${proxy.url}/`))).toEqual([]);
}

/** Milliseconds against hanging: the API reference has more than 20,000 elements, all of which are checked. */
export const wholePage = 400_000;

/** @param parts selectors of what is looked at, without them the whole page */
export async function violations(page: Page, parts = ["html"], rules: axe.RuleObject = {}): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<axe.AxeResults>(
    `axe.run(${JSON.stringify({ include: parts })}, ${JSON.stringify({ rules, resultTypes })})`,
  );
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** Of the rules that pass axe then tells one element each: to name them all takes it nearly as long as the rules. */
const resultTypes: axe.resultGroups[] = ["violations"];

/** Colours are most of axe's work, and are the same on every width. */
export const allButColors: axe.RuleObject = { "color-contrast": { enabled: false } };

/** Texts that are hard to read in the colours that are shown now. */
export async function lowContrasts(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<axe.AxeResults>(
    `axe.run(${JSON.stringify({ runOnly: ["color-contrast"], resultTypes })})`,
  );
  return results.violations.flatMap(({ nodes }) => nodes.map(({ html }) => html));
}
