import { execFile } from "node:child_process";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { postRerank } from "../support/post-rerank.ts";
import { startProgram } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const command = join(root, "apps/cli/bin/dheera_ai.js");
/** The oldest that is promised, and the newest of each line; Node.js 26 runs all other tests. */
const versions = ["22.19.0", "22", "24"];

// What is built, on versions that npm brings: some 40 MB each, so that this is a step of its own, `pnpm test:node`,
// which builds before.
describe("on other versions of Node.js", () => {
  const stack = new AsyncDisposableStack();
  let folder: string;
  let packages: readonly string[];

  beforeAll(async () => {
    folder = stack.use(await createFolder({ "package.json": '{ "private": true }' })).path;
    const binaries = `node-${process.platform.replace("win32", "win")}-${process.arch}`;
    const wanted = ["20", ...versions].map((version) => `node-${version}@npm:${binaries}@${version}`);
    await execute("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...wanted], { cwd: folder });
    packages = await publishedModules();
  }, 300_000);

  afterAll(() => stack.disposeAsync());

  it.each(versions)("%s imports each package that is published", async (version) => {
    expect(packages.length).toBeGreaterThan(7);
    const code = `for (const file of ${JSON.stringify(packages)}) console.log(Object.keys(await import(file)).length > 0);`;
    const { stdout } = await execute(binaryOf(version), ["--input-type=module", "--eval", code]);
    expect(stdout).toBe("true\n".repeat(packages.length));
  });

  it.each(versions)("%s ranks from TypeScript and from a shell", async (version) => {
    const library = `const { rerank } = await import(${JSON.stringify(join(root, "packages/dheera-ai/dist/index.js"))});
      const { results } = await rerank({ model: "bm25/default", query: "a cat", documents: ["the dog", "the cat"] });
      console.log(results[0].index);`;
    expect((await execute(binaryOf(version), ["--input-type=module", "--eval", library])).stdout).toBe("1\n");

    const words = ["rerank", "-m", "bm25/default", "-q", "a cat", "the dog", "the cat"];
    const { stdout } = await execute(binaryOf(version), [command, ...words]);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  });

  it.each(versions)(
    "%s serves the proxy, which takes up a changed configuration and stops in order",
    async (version) => {
      await using own = await createFolder({ "config.yaml": configuration("first") });
      const file = `${own.path}/config.yaml`;
      const args = [command, "--config", file, "--host", "127.0.0.1", "--port", "0"];
      const proxy = await startProgram(binaryOf(version), args);
      const ask = (model: string) =>
        postRerank(proxy.url, { model, query: "a cat", documents: ["the dog", "the cat"] });
      expect(await ask("first")).toMatchObject({ status: 200, body: { results: [{ index: 1 }, { index: 0 }] } });

      await writeFile(file, configuration("second"));
      proxy.signal("SIGHUP");
      await eventually(async () => (await ask("second")).status).toBe(200);
      expect((await ask("first")).status).toBe(404);
      expect(await proxy.stop(), proxy.output()).toBe(0);
    },
  );

  it.each(versions)("%s keeps teams in SQLite, and says nothing of an experiment", async (version) => {
    await using own = await createFolder();
    const code = `const { openTeams } = await import(${JSON.stringify(join(root, "packages/teams/dist/index.js"))});
      const log = { info() {}, warn: console.error, error: console.error };
      for (const name of ["one", "other"]) {
        const teams = await openTeams({ database_url: "sqlite:teams.db" }, { log, version: "1.0.0" });
        await teams.stores.keys.create({ name: "master" }, { key_alias: name });
        console.log((await teams.stores.keys.list({}, { page: 1, size: 10 })).total);
        await teams.close();
      }
      process.emitWarning("of others is shown");`;
    const { stdout, stderr } = await execute(binaryOf(version), ["--input-type=module", "--eval", code], {
      cwd: own.path,
    });
    expect(stdout).toBe("1\n2\n");
    expect(stderr).toMatch(/^\(node:\d+\) Warning: of others is shown\n\(Use `node --trace-warnings[^\n]*\n$/);
  });

  it("20 is refused by the library in one sentence", async () => {
    const code = `const { rerank } = await import(${JSON.stringify(join(root, "packages/dheera-ai/dist/index.js"))});
      const failure = await rerank({ model: "bm25/default", query: "q", documents: ["a"] }).catch((error) => error);
      console.log(failure.name, failure.message);`;
    const { stdout } = await execute(binaryOf("20"), ["--input-type=module", "--eval", code]);
    expect(stdout).toMatch(/^DheeraError dheera-ai needs Node\.js 22\.19 or newer; this is 20\.\d+\.\d+\n$/);
  });

  it("20 refuses to run the command line", async () => {
    await expect(execute(binaryOf("20"), [command, "--version"])).rejects.toMatchObject({
      stderr: expect.stringMatching(/^dheera_ai needs Node\.js 22\.19 or newer; this is 20\.\d+\.\d+ \(.*\n$/),
    });
  });

  function binaryOf(version: string): string {
    return join(folder, "node_modules", `node-${version}`, process.platform === "win32" ? "bin/node.exe" : "bin/node");
  }
});

function configuration(model: string): string {
  return `model_list: [{ model_name: ${model}, dheera_ai_params: { model: bm25/default } }]\n`;
}

/** The built file of every way into every package, but for the suite for providers, which runs inside vitest. */
async function publishedModules(): Promise<readonly string[]> {
  const folders = await Promise.all(
    ["packages", "apps"].map(async (parent) =>
      (await readdir(join(root, parent))).map((name) => join(root, parent, name)),
    ),
  );
  const files = await Promise.all(
    folders.flat().map(async (package_) => {
      const { exports = {} }: Manifest = JSON.parse(await readFile(join(package_, "package.json"), "utf8"));
      return Object.entries(exports).flatMap(([path, target]) =>
        typeof target === "string" || path === "./testing" ? [] : [join(package_, esModuleOf(target))],
      );
    }),
  );
  return files.flat();
}

function esModuleOf({ default: target }: Conditions): string {
  return typeof target === "string" ? target : target.default;
}

interface Manifest {
  readonly exports?: Readonly<Record<string, string | Conditions>>;
}

interface Conditions {
  readonly default: string | { readonly default: string };
}
