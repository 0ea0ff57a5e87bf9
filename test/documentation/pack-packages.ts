import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Folders of the packages that are published, each after those it depends on. */
export const publishedFolders = [
  "packages/core",
  "packages/huggingface",
  "packages/bm25",
  "packages/providers",
  "packages/bedrock",
  "packages/volcengine",
  "packages/watsonx",
  "packages/vertex",
  "packages/azure",
  "packages/local",
  "packages/cache",
  "packages/batch",
  "packages/teams",
  "packages/mcp",
  "packages/combine",
  "packages/llm",
  "packages/eval",
  "packages/dheera-ai",
  "packages/langchain",
  "packages/ai-sdk",
  "packages/llamaindex",
  "apps/proxy",
  "apps/cli",
  "packages/create-dheera-ai",
] as const;

export interface Tarball {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly path: string;
  /** Paths of the files in it. */
  readonly entries: readonly string[];
}

/** Packs the published packages into a folder, as `pnpm publish` would. They have to be built. */
export async function packPackages(out: string): Promise<readonly Tarball[]> {
  const filters = ["--filter", "./packages/*", "--filter", "./apps/*"];
  await execute("npx", ["-y", "pnpm@10", "--recursive", ...filters, "pack", "--pack-destination", out], { cwd: root });
  return Promise.all(
    publishedFolders.map(async (folder) => {
      const manifest: { name: string; version: string } = JSON.parse(
        await readFile(join(root, folder, "package.json"), "utf8"),
      );
      const { name, version } = manifest;
      const path = join(out, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
      const { stdout } = await execute("tar", ["-tzf", path]);
      return { folder, name, version, path, entries: stdout.trim().split("\n") };
    }),
  );
}

const execute = promisify(execFile);
