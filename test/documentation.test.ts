import { execFile } from "node:child_process";
import { access, glob, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { DheeraError, errorCodes } from "@dheera-ai/core";
import { createGateway, parseConfig } from "@dheera-ai/proxy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Simulator, startSimulator } from "./simulator/simulator.ts";
import { createFolder } from "./support/temporary-folder.ts";

const docs = fileURLToPath(new URL("../docs", import.meta.url));
const root = dirname(docs);
const pages = await findPages();

describe("the documentation", () => {
  it.each(pages)("%s links to files and headings that exist", async (page) => {
    const text = await readFile(join(root, page), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [, path = "", anchor] of links) {
      const target = path === "" ? join(root, page) : join(root, dirname(page), path);
      await expect(access(target), path).resolves.toBeUndefined();
      if (anchor !== undefined) expect(anchorsOf(await readFile(target, "utf8"))).toContain(anchor);
    }
  });

  it("explains every error code with its status", async () => {
    const rows = [
      ...(await readPage("errors.md")).matchAll(/^\| `(\w+)` \| (\d+) \| (?:yes|no) \| [^|]+ \| [^|]+ \|$/gm),
    ];
    const explained = rows.map(([, code, status]) => `${code} ${status}`);
    expect(explained).toEqual(errorCodes.map((code) => `${code} ${new DheeraError(code, "").status}`));
  });

  it("shows configurations that are valid", async () => {
    const [example = ""] = codeBlocks(await readPage("configuration.md"), "yaml");
    const { config, warnings } = parseConfig(example, {
      file: "configuration.md",
      environment: { HF_TOKEN: "a", DHEERA_AI_MASTER_KEY: "b" },
    });
    expect(warnings).toEqual([]);
    expect(config.model_list).toHaveLength(3);
    expect(config.router_settings.routing_strategy).toBe("least-busy");
  });

  it("shows combined models that can be served", async () => {
    const examples = [
      ...codeBlocks(await readPage("combined-models.md"), "yaml"),
      ...codeBlocks(await readPage("configuration.md"), "yaml").filter((example) => example.includes("cascade/")),
    ];
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      const environment = { COHERE_API_KEY: "a" };
      const { config, warnings } = parseConfig(example, { file: "combined-models.md", environment });
      const gateway = await createGateway(config, { environment });
      expect([...warnings, ...gateway.warnings]).toEqual([]);
      expect(gateway.dheera.combinedModels().length).toBeGreaterThan(0);
      await gateway.close();
    }
  });
});

// Each example is a program of its own; it has to print what follows `// → `. Addresses of reranker servers are
// replaced by that of a simulated one.
describe("the examples in TypeScript", async () => {
  const examples = (
    await Promise.all(
      ["README.md", "guides/self-hosting.md", "library.md", "errors.md", "../packages/core/README.md"].map(
        async (page) =>
          codeBlocks(await readPage(page), "ts").map((code, index) => ({ name: `${page} ${index + 1}`, code })),
      ),
    )
  ).flat();
  const stack = new AsyncDisposableStack();
  let upstream: Simulator;
  let folder: string;

  beforeAll(async () => {
    upstream = stack.use(await startSimulator());
    folder = stack.use(await createFolder({ "package.json": '{ "type": "module" }' })).path;
    await symlink(fileURLToPath(new URL("node_modules", import.meta.url)), join(folder, "node_modules"));
  });

  afterAll(() => stack.disposeAsync());

  it("are all found in the pages", () => {
    expect(examples).toHaveLength(16);
  });

  it.each(examples)("$name prints what its comments say", async ({ name, code }) => {
    const file = join(folder, `${name.replaceAll(/\W/g, "-")}.ts`);
    await writeFile(file, code.replaceAll(/http:\/\/[\w-]+:8080/g, upstream.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["-C", "source", file]);
    expect(stdout).toBe([...code.matchAll(/\/\/ → (.*)/g)].map(([, line]) => `${line}\n`).join(""));
  });
});

async function findPages(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pattern of ["*.md", "docs/**/*.md", "{apps,packages,examples,python}/{README.md,*/README.md}"])
    for await (const page of glob(pattern, { cwd: root, exclude: (name) => name === "node_modules" })) found.push(page);
  return found.toSorted();
}

function readPage(name: string): Promise<string> {
  return readFile(join(docs, name), "utf8");
}

function codeBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
}

/** The anchors that GitHub derives from headings, of which equal ones are counted, and those that a page sets itself. */
function anchorsOf(text: string): readonly string[] {
  const counts = new Map<string, number>();
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-");
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, anchor = ""]) => anchor)];
}
