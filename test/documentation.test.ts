import { execFile } from "node:child_process";
import { access, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { DheeraError, errorCodes } from "@dheera-ai/core";
import { parseConfig } from "@dheera-ai/proxy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Simulator, startSimulator } from "./simulator/simulator.ts";
import { createFolder } from "./support/temporary-folder.ts";

const docs = fileURLToPath(new URL("../docs", import.meta.url));
const pages = (await readdir(docs, { recursive: true })).filter((name) => name.endsWith(".md"));

describe("the documentation", () => {
  it.each(pages)("%s links to what is there", async (page) => {
    const text = await readPage(page);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [, path = "", anchor] of links) {
      const target = path === "" ? join(docs, page) : join(docs, dirname(page), path);
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
});

// Each is a program of its own; `// → ` is what it prints. Addresses of reranker servers are those of a simulated one.
describe("the examples in TypeScript", async () => {
  const examples = (
    await Promise.all(
      ["library.md", "errors.md", "../packages/core/README.md"].map(async (page) =>
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

  it("are all found", () => {
    expect(examples).toHaveLength(10);
  });

  it.each(examples)("$name prints what it says", async ({ name, code }) => {
    const file = join(folder, `${name.replaceAll(/\W/g, "-")}.ts`);
    await writeFile(file, code.replaceAll(/http:\/\/[\w-]+:8080/g, upstream.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["-C", "source", file]);
    expect(stdout).toBe([...code.matchAll(/\/\/ → (.*)/g)].map(([, line]) => `${line}\n`).join(""));
  });
});

function readPage(name: string): Promise<string> {
  return readFile(join(docs, name), "utf8");
}

function codeBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}
