import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = [
  "docs/frameworks.md",
  "packages/ai-sdk/README.md",
  "packages/langchain/README.md",
  "packages/llamaindex/README.md",
];
const examples = (await Promise.all(pages.map(examplesOf))).flat();

// Each example is a program of its own, with the packages as they are built and the frameworks as they are published; it
// has to print what follows `// → `. The address of a proxy is replaced by that of a real one.
describe("the examples of frameworks", () => {
  const stack = new AsyncDisposableStack();
  let proxy: ProxyProcess;
  let folder: string;

  beforeAll(async () => {
    folder = stack.use(
      await createFolder({ "package.json": '{ "type": "module" }', "config.yaml": documentedProxy }),
    ).path;
    await mkdir(join(folder, "node_modules/@dheera-ai"), { recursive: true });
    for (const [name, place] of Object.entries(installed))
      await symlink(join(root, place), join(folder, "node_modules", name));
    proxy = stack.use(await startProxy(join(folder, "config.yaml")));
  });

  afterAll(() => stack.disposeAsync());

  it("are found in each page", () => {
    for (const page of pages) expect(examples.filter((example) => example.page === page)).not.toEqual([]);
  });

  it.each(examples)("$name prints what its comments say", async ({ name, code }) => {
    const file = join(folder, `${name.replaceAll(/\W/g, "-")}.ts`);
    await writeFile(file, code.replaceAll("http://localhost:4000", proxy.url));
    const { stdout } = await promisify(execFile)(process.execPath, [file], {
      env: { ...process.env, DHEERA_AI_API_KEY: "sk-documented" },
    });
    const promised = [...code.matchAll(/\/\/ → (.*)/g)].map(([, line]) => `${line}\n`);
    expect(promised).not.toEqual([]);
    expect(stdout).toBe(promised.join(""));
  });
});

/** What a user has after the commands of the pages. */
const installed: Readonly<Record<string, string>> = {
  "@dheera-ai/ai-sdk": "packages/ai-sdk",
  "@dheera-ai/langchain": "packages/langchain",
  "@dheera-ai/llamaindex": "packages/llamaindex",
  "@langchain": "packages/langchain/node_modules/@langchain",
  ai: "packages/ai-sdk/node_modules/ai",
  "dheera-ai": "packages/dheera-ai",
  llamaindex: "packages/llamaindex/node_modules/llamaindex",
};

/** A proxy as the examples have it at `http://localhost:4000`. */
const documentedProxy = `
model_list: [{ model_name: reranker, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: sk-documented }
`;

async function examplesOf(page: string): Promise<readonly { page: string; name: string; code: string }[]> {
  const text = await readFile(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""], index) => ({
    page,
    name: `${page} ${index + 1}`,
    code,
  }));
}
