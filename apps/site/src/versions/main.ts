/**
 * Builds the site of every version: `pnpm build:site:versions [--prefix /dheera-ai/] [--out folder] [tag …]`, of all tags where none is
 * named. `SITE_PREFIX` of the environment stands for `--prefix`.
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

import { assembleVersions } from "./assemble.ts";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prefix: { type: "string", default: process.env["SITE_PREFIX"] ?? "/" },
    out: { type: "string", default: fileURLToPath(new URL("../../dist", import.meta.url)) },
  },
});
const tags =
  positionals.length > 0 ? positionals : (await run("git", ["tag"], { cwd: repository })).stdout.trim().split("\n");

const versions = await assembleVersions({
  repository,
  tags,
  out: resolve(values.out),
  prefix: `/${values.prefix}/`.replaceAll(/\/+/g, "/"),
  install: async (folder) =>
    void (await run("npx", ["-y", "pnpm@10", "install", "--frozen-lockfile"], { cwd: folder })),
});
for (const { folder, tag } of versions) console.log(`${folder}: ${tag}`);
