import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { packAll, root } from "../../release/packages.ts";
import { startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { startRegistry } from "./registry.ts";

const stack = new AsyncDisposableStack();
let folder: string;

// What a TypeScript user installs, outside of the workspace. `pnpm test:packages` builds before it runs this.
beforeAll(async () => {
  const packages = await packAll(stack.use(await createFolder()).path);
  const upstream = (await promisify(execFile)("npm", ["config", "get", "registry"])).stdout.trim();
  const registry = stack.use(await startRegistry(packages, upstream));
  folder = stack.use(
    await createFolder({
      "package.json": '{ "name": "user", "private": true }',
      "usage.mts": usage,
      "usage.cts": usage,
      "module/package.json": '{ "type": "module" }',
      "module/usage.ts": usage,
      "usage.ts": usage,
    }),
  ).path;
  const wanted = [
    "dheera-ai",
    "@dheera-ai/cache",
    "@dheera-ai/core",
    "@types/node@22",
    "typescript@5.9",
    "jest@30",
    "openapi-typescript@7",
    "openapi-fetch@0.17",
  ];
  await run("npm", ["install", "--no-audit", "--no-fund", "--registry", registry.url, ...wanted]);
}, 480_000);

afterAll(() => stack.disposeAsync());

/** What users write, with types that say more than `unknown`. */
const usage = `
import { memoryCache } from "@dheera-ai/cache";
import { type Provider, readScores } from "@dheera-ai/core";
import { processEnvironment } from "@dheera-ai/core/provider-utils";
import { requestSchema } from "@dheera-ai/core/request-schema";
import { testProvider } from "@dheera-ai/core/testing";
import { type RerankRequest, type RerankResponse, bm25, createDheera, huggingface, isDheeraError, rerank } from "dheera-ai";

interface Product { title: string; text: string }
class Film { constructor(readonly title: string, readonly text: string) {} }

declare const products: Product[];
declare const maybe: number | undefined;
declare const perhaps: string | undefined;

export async function rank(): Promise<void> {
  const asked = await rerank({ model: "bm25/default", query: "q", documents: products, return_documents: true, top_n: maybe });
  const titles: string[] = asked.results.map(({ document }) => document.title);
  const unasked = await rerank({ model: "bm25/default", query: "q", documents: [new Film("t", "x")], timeout: maybe, cache: { ttl: maybe } });
  const title: string | undefined = unasked.results[0]?.document?.title;
  // @ts-expect-error it was not asked for
  unasked.results[0]?.document.title;
  const texts = await rerank({ model: "bm25/default", query: "q", documents: ["a", "b"], return_documents: true }, { callId: perhaps });
  const text: string | undefined = texts.results[0]?.document.text;
  // @ts-expect-error a query is a text
  void rerank({ model: "bm25/default", query: 7, documents: [] });
  // @ts-expect-error a list is no document
  void rerank({ model: "bm25/default", query: "q", documents: [["a"]] });
  const request: RerankRequest = { model: "bm25/default", query: "q", documents: ["a", { any: "field" }] };
  const response: RerankResponse = await rerank(request);
  const field: unknown = response.results[0]?.document?.["any"];
  void [titles, title, text, field];
}

const mine: Provider = {
  name: "mine",
  connect: ({ http, apiBase, apiKey }) => ({
    profile: () => ({ scoring: "pointwise", scoreKind: "probability", billing: "compute", fingerprint: "mine", limits: { documentsPerCall: maybe }, server: perhaps }),
    score: async ({ query, documents, signal }) => ({
      scores: readScores(await http.json(\`\${apiBase}/rerank\`, { method: "POST", headers: { authorization: apiKey ?? "" }, body: { query, documents }, signal })),
      usage: { inputTokens: maybe },
    }),
  }),
};

export const dheera = createDheera({
  providers: [huggingface({ environment: processEnvironment() }), bm25({ k1: maybe }), mine],
  cache: memoryCache({ ttl: maybe }),
  defaultProvider: perhaps,
  router_settings: { num_retries: maybe },
  limits: { maxDocuments: maybe },
  model_list: [{ model_name: "m", dheera_ai_params: { model: "bm25/default", timeout: maybe, api_base: perhaps }, model_info: { id: perhaps } }],
});
void dheera.rerank({ model: "m", query: "q", documents: products, return_documents: true }).then(({ results }) => results[0]?.document.title);
export const others: readonly unknown[] = [requestSchema, testProvider, isDheeraError];
`;

const compilers = {
  "TypeScript 5.9": () => join(folder, "node_modules/.bin/tsc"),
  "TypeScript 7": () => join(root, "node_modules/.bin/tsc"),
};
const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  target: "es2023",
};
const nodeTypes = { lib: ["es2023"], types: ["node"] };
const browserTypes = { lib: ["es2023", "dom", "dom.iterable", "dom.asynciterable"], types: [] };
const ways = [
  { way: "ES modules, nodenext", file: "usage.mts", options: { module: "nodenext", ...nodeTypes } },
  { way: "CommonJS, nodenext", file: "usage.cts", options: { module: "nodenext", ...nodeTypes } },
  { way: "CommonJS, node16", file: "usage.cts", options: { module: "node16", ...nodeTypes } },
  { way: "ES modules without Node.js's types", file: "usage.mts", options: { module: "nodenext", ...browserTypes } },
  { way: "a bundler", file: "module/usage.ts", options: { module: "preserve", ...browserTypes } },
];
const oldWays = [
  {
    way: "CommonJS, node10",
    file: "usage.ts",
    options: { module: "commonjs", moduleResolution: "node10", ...nodeTypes },
  },
];

describe.each(Object.keys(compilers) as (keyof typeof compilers)[])("%s, strict and without skipLibCheck", (name) => {
  it.each(name === "TypeScript 5.9" ? [...ways, ...oldWays] : ways)("checks $way", async ({ file, options }) => {
    const project = join(folder, `tsconfig.${crypto.randomUUID()}.json`);
    await writeFile(project, JSON.stringify({ compilerOptions: { ...strict, ...options }, files: [file] }));
    expect(await run(compilers[name](), ["-p", project])).toBe("");
  });
});

describe("CommonJS", () => {
  it("gets from Node.js the same copy as ES modules", async () => {
    const code = `const required = require("dheera-ai");
import("dheera-ai").then((imported) => console.log(required.rerank === imported.rerank && required.createDheera === imported.createDheera));`;
    expect(await run("node", ["--eval", code])).toBe("true\n");
  });

  it("ranks in Jest", async () => {
    await writeFile(
      join(folder, "rank.test.js"),
      `const { isDheeraError, rerank } = require("dheera-ai");
test("ranks", async () => {
  const { results } = await rerank({ model: "bm25/default", query: "a cat", documents: ["the dog", "the cat"] });
  expect(results[0].index).toBe(1);
});
test("fails with a DheeraError", async () => {
  const failure = await rerank({ model: "huggingface/m", query: "q", documents: [] }).catch((error) => error);
  expect(isDheeraError(failure)).toBe(true);
});
`,
    );
    await run("npx", ["--no-install", "jest", "--ci"]);
  }, 240_000);
});

describe("types made from the API description by openapi-typescript", () => {
  it("say what a ranking and a document are, and rank through openapi-fetch", async () => {
    const config = "model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]";
    const settings = stack.use(await createFolder({ "config.yaml": config }));
    const proxy = await startProxy(join(settings.path, "config.yaml"));
    await run("npx", ["--no-install", "openapi-typescript", `${proxy.url}/openapi.json`, "--output", "api.d.ts"]);
    await writeFile(
      join(folder, "module/client.ts"),
      `import createClient from "openapi-fetch";
import type { components, paths } from "../api.d.ts";

export const document: components["schemas"]["RerankRequest"]["documents"][number] = { title: "t", year: 1999 };
const client = createClient<paths>({ baseUrl: ${JSON.stringify(proxy.url)} });
const { data } = await client.POST("/v1/rerank", { body: { model: "bm25", query: "a cat", documents: ["the dog", { text: "the cat" }] } });
const best: number | undefined = data?.results[0]?.index;
console.log(best);
`,
    );
    const compilerOptions = {
      ...strict,
      ...nodeTypes,
      noEmit: false,
      module: "nodenext",
      rewriteRelativeImportExtensions: true,
    };
    await writeFile(
      join(folder, "tsconfig.client.json"),
      JSON.stringify({ compilerOptions, files: ["module/client.ts"] }),
    );
    await run(compilers["TypeScript 7"](), ["-p", "tsconfig.client.json"]);
    expect(await run("node", ["module/client.js"])).toBe("1\n");
    await proxy.stop();
  }, 240_000);
});

async function run(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd: folder })).stdout;
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout: string; stderr: string; message: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}
