import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import * as v from "valibot";

export const root = fileURLToPath(new URL("..", import.meta.url));

export type Manifest = v.InferOutput<typeof manifestSchema>;

export interface PackedFile {
  /** Inside the package: `dist/index.js`. */
  readonly path: string;
  readonly bytes: number;
}

/** A package as it would be published. */
export interface PackedPackage {
  /** From the root of the repository: `packages/core`. */
  readonly folder: string;
  /** As users get it: without `workspace:` and `catalog:`. */
  readonly manifest: Manifest;
  readonly tarball: string;
  readonly tarballBytes: number;
  readonly files: readonly PackedFile[];
}

/** The folders of all packages that are not private. */
export async function publishedFolders(): Promise<readonly string[]> {
  const published = [];
  for (const parent of ["packages", "apps"])
    for (const name of (await readdir(join(root, parent))).sort())
      if (!(await readManifest(join(root, parent, name))).private) published.push(`${parent}/${name}`);
  return published;
}

/** The version that all published packages have now. */
export async function releasedVersion(): Promise<string> {
  return (await readManifest(join(root, "apps/cli"))).version;
}

/**
 * Packs packages as pnpm would publish them; their `dist` must have been built.
 * @param out an empty folder for the tarballs
 * @param folders every published package by default
 */
export async function packAll(out: string, folders?: readonly string[]): Promise<readonly PackedPackage[]> {
  const packed = folders ?? (await publishedFolders());
  const filters = packed.flatMap((folder) => ["--filter", `./${folder}`]);
  await run("npx", ["-y", "pnpm@10", "--recursive", ...filters, "pack", "--pack-destination", out], { cwd: root });
  return Promise.all(packed.map((folder) => unpack(folder, out)));
}

async function unpack(folder: string, out: string): Promise<PackedPackage> {
  const { name, version } = await readManifest(join(root, folder));
  const tarball = join(out, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  const unpacked = join(out, "unpacked", folder);
  await mkdir(unpacked, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", unpacked, "--strip-components=1"]);
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path: relative(unpacked, path).replaceAll("\\", "/"), bytes: (await stat(path)).size };
      }),
  );
  return {
    folder,
    manifest: await readManifest(unpacked),
    tarball,
    tarballBytes: (await stat(tarball)).size,
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

async function readManifest(folder: string): Promise<Manifest> {
  return v.parse(manifestSchema, JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
}

const run = promisify(execFile);
const versions = v.optional(v.record(v.string(), v.string()), {});
/** A file, or what each condition leads to. */
export type ExportTarget = string | { readonly [condition: string]: ExportTarget };

const exportTarget: v.GenericSchema<ExportTarget> = v.union([
  v.string(),
  v.record(
    v.string(),
    v.lazy(() => exportTarget),
  ),
]);
const manifestSchema = v.looseObject({
  name: v.string(),
  version: v.string(),
  private: v.optional(v.boolean(), false),
  dependencies: versions,
  peerDependencies: versions,
  bin: versions,
  exports: v.optional(v.record(v.string(), exportTarget), {}),
});
