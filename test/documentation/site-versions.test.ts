import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assembleVersions } from "../../apps/site/src/versions/assemble.ts";
import { needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";

// The site's own sources in a repository of their own, with two pages, two versions, and a tag from before there was a site.
const root = fileURLToPath(new URL("../..", import.meta.url));
const stack = new AsyncDisposableStack();
const git = (...args: readonly string[]): Promise<unknown> =>
  promisify(execFile)("git", ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", ...args], {
    cwd: repository,
  });
let repository: string;
let out: string;

beforeAll(async () => {
  repository = stack.use(await createFolder()).path;
  out = stack.use(await createFolder()).path;
  await git("init", "--quiet");
  await release("v0.1.0", { "README.md": "Nothing yet.\n" });
  await cp(join(root, "apps/site/src"), join(repository, "apps/site/src"), { recursive: true });
  await release("v0.2.0", {
    "docs/README.md": "# Quick start\n\nThis is two. See [errors](errors.md) and [the code](../main.ts).\n",
    "docs/errors.md": "# Errors\n\nThere are some.\n",
    "apps/site/package.json": await readFile(join(root, "apps/site/package.json"), "utf8"),
    "apps/site/src/sidebar.ts": await sidebarOf("docs/README.md", "docs/errors.md"),
    "packages/dheera-ai/package.json": '{ "version": "0.2.0" }',
    "release/metadata.json": '{ "repository": "https://example.org/owner/project" }',
  });
  await release("dheera-ai@0.3.1", {
    "docs/README.md": "# Quick start\n\nThis is three, and has a page more: [teams](teams.md).\n",
    "docs/teams.md": "# Teams\n\nThey are new.\n",
    "apps/site/src/sidebar.ts": await sidebarOf("docs/README.md", "docs/errors.md", "docs/teams.md"),
  });
  await assembleVersions({
    repository,
    tags: ["v0.1.0", "v0.2.0", "dheera-ai@0.3.1"],
    out,
    prefix: "/project/",
    install: (folder) => symlink(join(root, "apps/site/node_modules"), join(folder, "apps/site/node_modules")),
  });
});

afterAll(() => stack.disposeAsync());

describe("the sites of several versions", needs("git"), () => {
  it("are what each tag had, with its own sidebar", async () => {
    expect(await read("v0.2/index.html")).toContain("This is two.");
    expect(await read("v0.3/index.html")).toContain("This is three");
    expect(await read("v0.2/index.html")).not.toContain("/project/v0.2/teams/");
    expect(await read("v0.3/errors/index.html")).toContain('href="/project/v0.3/teams/"');
  });

  it("link to sources at their tag", async () => {
    expect(await read("v0.2/index.html")).toContain('href="https://example.org/owner/project/blob/v0.2.0/main.ts"');
  });

  it("have the newest one at latest/ as well, where one without a version is led to", async () => {
    expect(await read("latest/errors/index.html")).toContain('href="/project/latest/teams/"');
    expect(await read("index.html")).toContain("url=/project/latest/");
  });

  it("are listed in versions.json, newest first, without the tag that has no site", async () => {
    expect(JSON.parse(await read("versions.json"))).toEqual({
      latest: "v0.3",
      versions: [
        { name: "latest (0.3)", folder: "latest" },
        { name: "0.3", folder: "v0.3" },
        { name: "0.2", folder: "v0.2" },
      ],
    });
  });

  it("leave no working tree behind", async () => {
    const { stdout } = await promisify(execFile)("git", ["worktree", "list"], { cwd: repository });
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });
});

async function release(tag: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, name)), { recursive: true });
    await writeFile(join(repository, name), text);
  }
  await git("add", "--all");
  await git("commit", "--quiet", "--message", tag);
  await git("tag", tag);
}

/** The site's own file with another sidebar. */
async function sidebarOf(...files: readonly string[]): Promise<string> {
  const text = await readFile(join(root, "apps/site/src/sidebar.ts"), "utf8");
  const entries = files.map((file) => ({ file }));
  const list = JSON.stringify([{ label: "All", entries }]);
  return `${text.slice(0, text.indexOf("export const sidebar"))}export const sidebar: readonly Section[] = ${list};\n`;
}

function read(path: string): Promise<string> {
  return readFile(join(out, path), "utf8");
}
