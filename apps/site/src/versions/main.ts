/**
 * Builds the site of the newest versions: `pnpm build:site:versions [--prefix /dheera-ai/] [--most 6] [--out folder] [tag …]`, of all tags
 * where none is named. `SITE_PREFIX` of the environment stands for `--prefix`.
 */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

import * as v from "valibot";

import { assembleVersions } from "./assemble.ts";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prefix: { type: "string", default: process.env["SITE_PREFIX"] ?? "/" },
    // A minor version each. What a release waits for stays the same however many there have been.
    most: { type: "string", default: "6" },
    out: { type: "string", default: fileURLToPath(new URL("../../dist/versions", import.meta.url)) },
  },
});
const tags =
  positionals.length > 0 ? positionals : (await run("git", ["tag"], { cwd: repository })).stdout.trim().split("\n");
const most = v.parse(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1)), values.most);

const versions = await assembleVersions({
  repository,
  tags,
  out: resolve(values.out),
  checkouts: tmpdir(),
  prefix: `/${values.prefix}/`.replaceAll(/\/+/g, "/"),
  most,
  // The site's own packages: what else the workspace has, no page needs.
  install: async (folder) =>
    void (await run("npx", ["-y", "pnpm@10", "install", "--frozen-lockfile", "--filter", "@dheera-ai/site..."], {
      cwd: folder,
    })),
  warn: (message) => console.warn(message),
});
for (const { folder, tag } of versions) console.log(`${folder}: ${tag}`);
