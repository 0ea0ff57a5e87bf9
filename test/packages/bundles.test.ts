import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { packAll, root } from "../../release/packages.ts";
import { launchBrowser, openPage } from "../browser/open-page.ts";
import { eventually } from "../support/eventually.ts";
import { needs } from "../support/programs.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { execute } from "./clients.ts";
import { startRegistry } from "./registry.ts";

/** Ranks, and says in the title of the page, or to the page whose worker it is, which document was best. */
const program = `import { rerank } from "dheera-ai";
const say = (text) => (globalThis.document ? (document.title = text) : postMessage(text));
rerank({ model: "bm25/default", query: "capital", documents: ["sea", "the capital"], top_n: 1 }).then(
  ({ results }) => say("best: " + results[0].index),
  (error) => say(String(error)),
);
`;

/** What is at the path of a page: it runs a bundle itself, or in a worker. */
const pages = {
  page: (bundle: string) => `<!doctype html><title>none yet</title><script src="/${bundle}"></script>`,
  worker: (bundle: string) =>
    `<!doctype html><title>none yet</title><script>new Worker("/${bundle}").onmessage = ({ data }) => { document.title = data; };</script>`,
};

const stack = new AsyncDisposableStack();
let folder: string;
let browser: Browser;

describe("a bundle of the library as it is published, run in a browser", needs("chromium"), () => {
  // `pnpm test:packages` builds before it runs this.
  beforeAll(async () => {
    const packages = await packAll(stack.use(await createFolder()).path);
    const upstream = (await execute("npm", ["config", "get", "registry"], root)).trim();
    const registry = stack.use(await startRegistry(packages, upstream));
    const files = { "package.json": '{ "private": true, "type": "module" }', "main.js": program };
    folder = stack.use(await createFolder(files)).path;
    const wanted = ["dheera-ai", "esbuild@0.25", "webpack@5", "webpack-cli@6"];
    await execute("npm", ["install", "--no-audit", "--no-fund", "--registry", registry.url, ...wanted], folder);
    browser = await launchBrowser();
    stack.defer(() => browser.close());
  }, 480_000);

  afterAll(() => stack.disposeAsync());

  it.each(["page", "worker"] as const)("ranks in a %s where esbuild made it", async (where) => {
    await make("esbuild", "main.js", "--bundle", "--platform=browser", "--outdir=esbuild");
    await expectToRank(where, "esbuild/main.js");
  });

  it.each([
    { where: "page", target: "web" },
    { where: "worker", target: "webworker" },
  ] as const)("ranks in a $where where webpack made it for the target $target", async ({ where, target }) => {
    await make("webpack", "./main.js", "--mode", "production", "--target", target, "--output-path", target);
    await expectToRank(where, `${target}/main.js`);
  });
});

/** A warning of a bundler is a failure: what it says would be said to every user. */
async function make(bundler: string, ...args: readonly string[]): Promise<void> {
  const printed = await execute(join(folder, "node_modules/.bin", bundler), args, folder);
  expect(printed).not.toMatch(/\b(?:WARNING|ERROR)\b/);
}

async function expectToRank(where: keyof typeof pages, bundle: string): Promise<void> {
  await using server = await serveHttp((request, response) => {
    const path = new URL(request.url ?? "", "http://localhost").pathname;
    if (path === "/") return response.setHeader("content-type", "text/html").end(pages[where](bundle));
    readFile(join(folder, path)).then(
      (code) => response.setHeader("content-type", "text/javascript").end(code),
      () => response.writeHead(404).end(),
    );
    return undefined;
  });
  await using watched = await openPage(browser, server.url);
  await eventually(() => watched.page.title()).toBe("best: 1");
  expect(watched.problems).toEqual([]);
}
