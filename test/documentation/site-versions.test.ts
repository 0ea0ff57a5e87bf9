import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assembleVersions } from "../../apps/site/src/versions/assemble.ts";
import { needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";

// The site's own sources in a repository of their own, with two pages, two versions, one
// whose link leads nowhere, one too many, and a tag without a site.
const root = fileURLToPath(new URL("../..", import.meta.url));
const stack = new AsyncDisposableStack();
const git = (...args: readonly string[]): Promise<unknown> =>
  promisify(execFile)("git", ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", ...args], {
    cwd: repository,
  });
let repository: string;
let out: string;
/**
 * In the workspace, not in the system's folder: Astro takes a package for a file below the site's root where the two have no folder in
 * common, and the packages here are links into the workspace, which an installed version has none of.
 */
let checkouts: string;
/** What the versions have in common: the packages of this workspace, in a folder that nothing else uses. */
let packages: string;
const warnings: string[] = [];

beforeAll(async () => {
  repository = stack.use(await createFolder()).path;
  out = stack.use(await createFolder({ "v1.9/index.html": "of an earlier time" })).path;
  packages = stack.use(await createFolder()).path;
  await mkdir(join(root, "apps/site/dist"), { recursive: true });
  checkouts = await mkdtemp(join(root, "apps/site/dist/checkouts-"));
  stack.defer(() => rm(checkouts, { recursive: true, force: true }));
  const installed = join(root, "apps/site/node_modules");
  for (const name of await readdir(installed))
    if (!name.startsWith(".")) await symlink(join(installed, name), join(packages, name));
  await git("init", "--quiet");
  await release("v1.1.0", { "README.md": "Nothing yet.\n" });
  await cp(join(root, "apps/site/src"), join(repository, "apps/site/src"), { recursive: true });
  await release("v1.2.0", {
    "docs/README.md": "# Quick start\n\nThis is two. See [errors](errors.md) and [the code](../main.ts).\n",
    "docs/errors.md": "# Errors\n\nThere are some.\n",
    "apps/site/package.json": await readFile(join(root, "apps/site/package.json"), "utf8"),
    "apps/site/src/sidebar.ts": await sidebarOf("docs/README.md", "docs/errors.md"),
    "packages/dheera-ai/package.json": '{ "version": "1.2.0" }',
    "release/metadata.json": '{ "repository": "https://example.org/owner/project" }',
  });
  await git("tag", "v0.9.0");
  await release("v1.0.0", { "docs/errors.md": "# Errors\n\nSee [nothing](#nothing).\n" });
  await release("dheera-ai@1.3.1", {
    "docs/README.md": "# Quick start\n\nThis is three, and has a page more: [teams](teams.md).\n",
    "docs/errors.md": "# Errors\n\nThere are some.\n",
    "docs/teams.md": "# Teams\n\nThey are new.\n",
    "apps/site/src/sidebar.ts": await sidebarOf("docs/README.md", "docs/errors.md", "docs/teams.md"),
  });
  await assembleVersions({
    repository,
    tags: ["v0.9.0", "v1.0.0", "v1.1.0", "v1.2.0", "dheera-ai@1.3.1"],
    out,
    checkouts,
    prefix: "/project/",
    most: 3,
    install,
    warn: (message) => warnings.push(message),
  });
}, 600_000);

afterAll(() => stack.disposeAsync());

describe("the sites of several versions", needs("git"), () => {
  it("are what each tag had, with its own sidebar", async () => {
    expect(await read("v1.2/index.html")).toContain("This is two.");
    expect(await read("v1.3/index.html")).toContain("This is three");
    expect(await read("v1.2/index.html")).not.toContain("/project/v1.2/teams/");
    expect(await read("v1.3/errors/index.html")).toContain('href="/project/v1.3/teams/"');
  });

  it("link to sources at their tag", async () => {
    expect(await read("v1.2/index.html")).toContain('href="https://example.org/owner/project/blob/v1.2.0/main.ts"');
  });

  it("have the newest one at latest/ as well, where one without a version is led to", async () => {
    expect(await read("latest/errors/index.html")).toContain('href="/project/latest/teams/"');
    expect(await read("index.html")).toContain("url=/project/latest/");
  });

  it("answer at the root with the newest one's 404.html and llms.txt, whose links are there", async () => {
    const list = await read("llms.txt");
    const page = await read("404.html");
    const targets = [...list.matchAll(/\]\((\S+)\)/g), ...page.matchAll(/ (?:href|src)="([^"#]+)"/g)].map(
      ([, target = ""]) => new URL(target, "https://example.org/project/a/b").href,
    );
    expect(targets.length).toBeGreaterThan(8);
    for (const target of targets.filter((each) => each.startsWith("https://example.org/"))) {
      expect(target).toMatch(/^https:\/\/example\.org\/project\/latest\//);
      await read(target.slice("https://example.org/project/".length).replace(/\/$/, "/index.html"));
    }
  });

  it("leave out an older one that cannot be built, and say so, and those beyond the number that is kept", async () => {
    expect((await readdir(out)).toSorted()).toEqual([
      "404.html",
      "index.html",
      "latest",
      "llms.txt",
      "v1.2",
      "v1.3",
      "versions.json",
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^v1\.0\.0 is left out: [^]*links to #nothing/)]);
  });

  it("are none where the newest cannot be built, or where that would empty the repository", async () => {
    await using folder = await createFolder();
    const assembly = {
      repository,
      checkouts,
      tags: ["v1.2.0"],
      prefix: "/",
      most: 1,
      warn: (message: string) => warnings.push(message),
    };
    const fails = { ...assembly, out: folder.path, install: () => Promise.reject(new Error("no packages")) };
    await expect(assembleVersions(fails)).rejects.toThrow("no packages");
    await expect(assembleVersions({ ...fails, out: join(repository, "..") })).rejects.toThrow("holds the repository");
    expect(warnings).toHaveLength(1);
  });

  it("leave nothing in the packages that they share", async () => {
    expect((await readdir(packages)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("are listed in versions.json, newest first, without the tag that has no site", async () => {
    expect(JSON.parse(await read("versions.json"))).toEqual({
      latest: "v1.3",
      versions: [
        { name: "latest (1.3)", folder: "latest" },
        { name: "1.3", folder: "v1.3" },
        { name: "1.2", folder: "v1.2" },
      ],
    });
  });

  it("leave no working tree behind", async () => {
    const { stdout } = await promisify(execFile)("git", ["worktree", "list"], { cwd: repository });
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });
});

function install(folder: string): Promise<void> {
  return symlink(packages, join(folder, "apps/site/node_modules"));
}

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
