import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type AdapterProxy, startAdapterProxy } from "../../../test/clients/adapter-proxy.ts";
import { createFolder } from "../../../test/support/temporary-folder.ts";

const own = fileURLToPath(new URL("..", import.meta.url));
const section = /^## LangChain\.js\n([^]*?)(?=^## |$(?![^]))/m;
const pages = [
  { page: "README.md", text: await readFile(join(own, "README.md"), "utf8"), snippets: 3 },
  {
    page: "docs/frameworks.md",
    text: section.exec(await readFile(join(own, "../../docs/frameworks.md"), "utf8"))?.[1] ?? "",
    snippets: 1,
  },
];

// Each snippet is a program of its own; it has to print what follows `// → `, with this package and LangChain installed.
describe.each(pages)("what $page shows", ({ page, text, snippets }) => {
  const codes = [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""], at) => ({ number: at + 1, code }));
  const stack = new AsyncDisposableStack();
  let folder: string;
  let proxy: AdapterProxy;

  beforeAll(async () => {
    folder = stack.use(await createFolder({ "package.json": '{ "type": "module" }' })).path;
    proxy = stack.use(await startAdapterProxy());
    await mkdir(join(folder, "node_modules/@dheera-ai"), { recursive: true });
    await symlink(own, join(folder, "node_modules/@dheera-ai/langchain"));
    for (const name of ["@langchain", "dheera-ai"])
      await symlink(join(own, "node_modules", name), join(folder, "node_modules", name));
  });
  afterAll(() => stack.disposeAsync());

  it(`are ${snippets} programs`, () => expect(codes).toHaveLength(snippets));

  it.each(codes)("program $number prints what its comments say", async ({ number, code }) => {
    const file = join(folder, `${page.replaceAll(/\W/g, "-")}-${number}.ts`);
    await writeFile(file, code.replaceAll("http://localhost:4000", proxy.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["-C", "source", file], {
      env: { ...process.env, DHEERA_AI_API_KEY: proxy.key },
    });
    expect(stdout).toBe([...code.matchAll(/\/\/ → (.*)/g)].map(([, line]) => `${line}\n`).join(""));
    expect(stdout).not.toBe("");
  });
});
