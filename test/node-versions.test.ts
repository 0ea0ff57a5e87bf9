import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

// `pnpm test` builds before it runs this.
const root = fileURLToPath(new URL("..", import.meta.url));
const command = join(root, "apps/cli/bin/dheera_ai.js");
const published = ">=22.19";

describe("what is said about Node.js", () => {
  it("is one version for all published packages", async () => {
    for (const parent of ["packages", "apps"])
      for (const name of await readdir(join(root, parent)))
        expect((await readManifest(`${parent}/${name}`)).engines, name).toEqual({ node: published });
  });

  it("is 20 for those who run pnpm in a clone, which brings its own 26", async () => {
    const workspace = await readFile(join(root, "pnpm-workspace.yaml"), "utf8");
    const [pinned, ...others] = [...workspace.matchAll(/^ *node(?:Version)?: (.*)$/gm)].map(([, version]) => version);
    expect(pinned).toMatch(/^26\./);
    expect(others).toEqual([pinned]);
    expect((await readManifest(".")).engines).toEqual({ node: ">=20" });
  });

  it("is the same on every page", async () => {
    const named = await Promise.all(
      [
        "README.md",
        "CONTRIBUTING.md",
        "docs/library.md",
        "docs/operating.md",
        "docs/decisions/0004-node-26.md",
        "apps/cli/README.md",
        "packages/dheera-ai/README.md",
      ].map(async (page) => {
        const text = await readFile(join(root, page), "utf8");
        return [...text.matchAll(/Node\.js (\d[\d.]*\d) or newer/g)].map(([, version]) => `${page} ${version}`);
      }),
    );
    expect(named.flat()).toEqual([
      "README.md 22.19",
      "README.md 20",
      "CONTRIBUTING.md 20",
      "docs/library.md 22.19",
      "docs/operating.md 22.19",
      "docs/decisions/0004-node-26.md 22.19",
      "apps/cli/README.md 22.19",
      "packages/dheera-ai/README.md 22.19",
    ]);
  });
});

describe("dheera_ai on an old Node.js", () => {
  it.each(["18.20.8", "20.20.2", "22.18.0"])("refuses %s in one sentence that says what to do", async (version) => {
    const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
    const outcome = execute(process.execPath, ["--import", `data:text/javascript,${pretend}`, command, "--version"]);
    await expect(outcome).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: `dheera_ai needs Node.js 22.19 or newer; this is ${version} (${process.execPath}). Install a newer one from https://nodejs.org, or with your version manager.\n`,
    });
  });
});

const execute = promisify(execFile);

async function readManifest(folder: string): Promise<{ readonly engines?: Readonly<Record<string, string>> }> {
  return JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
}
