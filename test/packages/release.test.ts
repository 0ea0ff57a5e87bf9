import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { getReleasePlan } from "@changesets/get-release-plan";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { faultsOf } from "../../release/faults.ts";
import { placeholdersOf, readMetadata } from "../../release/metadata.ts";
import { type PackedPackage, publishedFolders, releasedVersion, root } from "../../release/packages.ts";

describe("a release", () => {
  it("shows what would be published, and finds nothing wrong with it", async () => {
    const { code, stdout, stderr } = await run("dry-run.ts");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const version = await nextVersion();
    const table = stdout.slice(0, stdout.indexOf("\n\n")).split("\n");
    expect(table[0]).toMatch(/^package +version +files +packed +unpacked$/);
    const row = new RegExp(`^(\\S+) +${version.replaceAll(".", "\\.")} +\\d+ +[\\d.]+ kB +[\\d.]+ kB$`);
    expect(table.slice(1).map((line) => row.exec(line)?.[1])).toEqual(await publishedNames());
    expect(stdout).toContain("  dist/provider-utils.d.ts\n");
  }, 120_000);

  it("has all published packages under one version", async () => {
    const { fixed } = JSON.parse(await readFile(join(root, ".changeset/config.json"), "utf8"));
    expect(fixed).toEqual([expect.arrayContaining([...(await publishedNames())])]);
    expect(fixed[0]).toHaveLength((await publishedNames()).length);
  });

  it("has one version in the Helm chart and the Kubernetes manifests too", async () => {
    const { version, appVersion } = parse(await readFile(join(root, "deploy/helm/dheera-ai/Chart.yaml"), "utf8"));
    const { images } = parse(await readFile(join(root, "deploy/kubernetes/kustomization.yaml"), "utf8"));
    // Before anything is published they already name the first version.
    const current = await releasedVersion();
    const expected = current === "0.0.0" ? await nextVersion() : current;
    expect([version, appVersion, images[0].newTag]).toEqual([expected, expected, expected]);
  });

  it("has one version in the Python package too", async () => {
    const project = await readFile(join(root, "python/pyproject.toml"), "utf8");
    expect(/^version = "(.+)"$/m.exec(project)?.[1]).toBe(await releasedVersion());
  });

  it("shows the metadata of its one place everywhere", async () => {
    expect(await run("write-metadata.ts", "--check")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("is refused as long as the metadata are placeholders, whichever command publishes", async () => {
    const placeholders = placeholdersOf(await readMetadata());
    const { code, stderr } = await run("refuse-placeholders.ts");
    expect(code).toBe(placeholders.length > 0 ? 1 : 0);
    if (placeholders.length > 0) expect(stderr).toContain(`placeholders for ${placeholders.join(", ")}.`);
    const workspace = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    expect(workspace.scripts["release:publish"]).toMatch(
      /^node release\/refuse-placeholders\.ts && .* && changeset publish$/,
    );
    for (const folder of await publishedFolders()) {
      const { scripts } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
      expect(scripts.prepublishOnly, folder).toBe("node ../../release/refuse-placeholders.ts");
    }
  });
});

describe("what stands in the way of publishing a package", () => {
  const manifest: PackedPackage["manifest"] = {
    name: "mine",
    version: "0.0.0",
    private: false,
    dependencies: { valibot: "^1.5.0", undici: "~8.12.4" },
    peerDependencies: { vitest: ">=3" },
    bin: { mine: "bin/mine.js" },
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
  };
  const paths = [
    "README.md",
    "LICENSE",
    "package.json",
    "bin/mine.js",
    "dist/index.js",
    "dist/index.d.ts",
    "dist/a-B_1.js",
  ];
  const packed = (extra: readonly string[], changed: Partial<PackedPackage["manifest"]> = {}): PackedPackage => ({
    folder: "packages/mine",
    tarball: "mine.tgz",
    tarballBytes: 1,
    files: [...paths, ...extra].map((path) => ({ path, bytes: 1 })),
    manifest: { ...manifest, ...changed },
  });

  it("is nothing when all is there", () => {
    expect(faultsOf(packed([]))).toEqual([]);
  });

  it.each([
    "dist/index.test.js",
    "dist/index.js.map",
    "dist/fixtures/answer.js",
    "dist/.env",
    ".env",
    "src/index.ts",
    "tsconfig.json",
  ])("is %s in it", (path) => {
    expect(faultsOf(packed([path]))).toEqual([`${path} must not be published`]);
  });

  it("is a file that is missing, declared or expected of every package", () => {
    expect(faultsOf({ ...packed([]), files: [] })).toEqual(
      ["README.md", "LICENSE", "dist/index.d.ts", "dist/index.js", "package.json", "bin/mine.js"].map(
        (path) => `${path} is missing`,
      ),
    );
    expect(faultsOf(packed([], { version: "0.1.0" }))).toEqual(["CHANGELOG.md is missing"]);
  });

  it("is an import without types", () => {
    const typed = { types: "./dist/index.d.ts", default: "./dist/index.js" };
    const untyped = { default: "./dist/index.js" };
    expect(faultsOf(packed([], { exports: { ".": untyped } }))).toEqual([". has no types"]);
    expect(faultsOf(packed([], { exports: { ".": "./dist/index.js" } }))).toEqual([". has no types"]);
    expect(faultsOf(packed([], { exports: { ".": { require: typed, default: untyped } } }))).toEqual([
      ". has no types",
    ]);
    expect(faultsOf(packed([], { exports: { ".": { require: typed, default: typed } } }))).toEqual([]);
  });

  it("is an exact version of a dependency, or what only the workspace understands", () => {
    expect(faultsOf(packed([], { dependencies: { valibot: "1.5.0" } }))).toEqual([
      "valibot is wanted as 1.5.0, which is no range",
    ]);
    expect(faultsOf(packed([], { peerDependencies: { core: "workspace:^" } }))).toHaveLength(2);
  });
});

/** The version that the changesets lead to, or the present one where there are none. */
async function nextVersion(): Promise<string> {
  const { releases } = await getReleasePlan(root);
  return releases.find(({ name }) => name === "dheera-ai")?.newVersion ?? releasedVersion();
}

async function publishedNames(): Promise<readonly string[]> {
  const folders = await publishedFolders();
  return Promise.all(
    folders.map(async (folder) => JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")).name),
  );
}

async function run(
  script: string,
  ...args: readonly string[]
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const command = [join(root, "release", script), ...args];
  return promisify(execFile)(process.execPath, command).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}
