import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import type { ProxyProcess } from "../support/proxy-process.ts";
import { type WatchedPage, openPage } from "./open-page.ts";

export const masterKey = "sk-master-0123456789";

export interface SignIn {
  readonly key?: string;
  /** A fragment of the page: `#/keys`. */
  readonly at?: string;
  readonly options?: BrowserContextOptions;
}

/** Opens the page of teams as somebody who holds a key. */
export async function openTeams(browser: Browser, proxy: ProxyProcess, signIn: SignIn = {}): Promise<WatchedPage> {
  const { key = masterKey, at = "", options } = signIn;
  const tab = await openPage(browser, `${proxy.url}/ui${at}`, options);
  await tab.page.getByLabel("Key", { exact: true }).fill(key);
  await tab.page.getByRole("button", { name: "Sign in with the key" }).click();
  await tab.page.getByRole("button", { name: "Sign out" }).waitFor();
  await drawn(tab.page);
  return tab;
}

/** Waits until the section is drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.locator("body:not([data-loading]) main:not([aria-busy])").waitFor();
}

export async function showSection(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name, exact: true }).click();
  await page.locator(`#sections a[aria-current]`).filter({ hasText: name }).waitFor();
  await drawn(page);
}

/** Loads the page anew at a section: `keys`. */
export async function goTo(page: Page, proxy: ProxyProcess, section: string): Promise<void> {
  await page.goto(`${proxy.url}/ui#/${section}`);
  await page.reload();
  await drawn(page);
}

/** What has the keyboard: by its label, else by what it says. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const one = document.activeElement;
    if (one instanceof HTMLInputElement) return one.labels?.[0]?.textContent ?? "";
    return one?.getAttribute("aria-label") ?? one?.textContent ?? "";
  });
}

/** Calls the management API as a program does. @throws Error with what the proxy says where it refuses */
export async function manage(
  proxy: ProxyProcess,
  path: string,
  body?: object,
  key: string = masterKey,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const sent = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
  const response = await fetch(`${proxy.url}/${path}`, sent);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** A key of these fields. */
export async function makeKey(proxy: ProxyProcess, fields: object): Promise<string> {
  return String((await manage(proxy, "key/generate", fields))["key"]);
}

/** @returns the status */
export async function rerankWith(proxy: ProxyProcess, key: string, model = "reranker"): Promise<number> {
  const response = await fetch(`${proxy.url}/rerank`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, query: "library", documents: ["the library", "a dog"] }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** How much of the page moved by itself since it was loaded: 0 is nothing. Chromium's own measure, cumulative layout shift. */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            if (Reflect.get(entry, "hadRecentInput") === false) sum += Number(Reflect.get(entry, "value"));
        });
        observer.observe({ type: "layout-shift", buffered: true });
        // What was buffered comes before the next frame is painted.
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
      }),
  );
}

export function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}
