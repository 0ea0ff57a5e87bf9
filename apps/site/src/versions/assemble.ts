import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { type SiteVersion, planVersions } from "./plan-versions.ts";

export interface Assembly {
  /** The repository that has the tags. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** The folder that it is written into. */
  readonly out: string;
  /** Where it will be on its host, with a slash at both ends. */
  readonly prefix: string;
  /** Installs what a checked-out version needs. */
  readonly install: (folder: string) => Promise<void>;
}

/**
 * Puts one site together of all tags: each version in its folder (`v0.2/`), the newest one in `latest/` as well, and `versions.json` for
 * the choice of versions. Each is built by the sources of its own tag.
 * @returns the versions that are in it, newest first; tags from before there was a site are none
 * @throws Error where no tag has a site
 */
export async function assembleVersions(assembly: Assembly): Promise<readonly SiteVersion[]> {
  const { out, prefix } = assembly;
  await mkdir(out, { recursive: true });
  const built: SiteVersion[] = [];
  for (const version of planVersions(assembly.tags)) {
    // The first one is the newest.
    const folders = built.length === 0 ? [version.folder, "latest"] : [version.folder];
    if (await buildVersion(assembly, version, folders)) built.push(version);
  }
  const [latest] = built;
  if (latest === undefined) throw new Error("no tag has a site: tags are called v1.2.3 or dheera-ai@1.2.3");
  const list = [
    { name: `latest (${latest.name})`, folder: "latest" },
    ...built.map(({ name, folder }) => ({ name, folder })),
  ];
  await writeFile(
    join(out, "versions.json"),
    `${JSON.stringify({ latest: latest.folder, versions: list }, null, 2)}\n`,
  );
  await writeFile(join(out, "index.html"), redirectTo(`${prefix}latest/`));
  return built;
}

/** @returns false for a tag that has no site */
async function buildVersion(
  { repository, out, prefix, install }: Assembly,
  { tag, version }: SiteVersion,
  folders: readonly string[],
): Promise<boolean> {
  const parent = await mkdtemp(join(tmpdir(), "dheera-site-"));
  const source = join(parent, "source");
  await run("git", ["worktree", "add", "--detach", source, `refs/tags/${tag}`], { cwd: repository });
  try {
    const main = join(source, "apps/site/src/main.ts");
    const hasSite = await access(main).then(
      () => true,
      () => false,
    );
    if (!hasSite) return false;
    await install(source);
    for (const folder of folders) {
      const said = ["--base", `${prefix}${folder}/`, "--version", version, "--tag", tag, "--out", join(out, folder)];
      await run(process.execPath, [main, ...said], { cwd: source });
    }
    return true;
  } finally {
    await run("git", ["worktree", "remove", "--force", source], { cwd: repository });
    await rm(parent, { recursive: true, force: true });
  }
}

/** A page that leads on, because servers of files know no other redirection. */
function redirectTo(address: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Dheera AI</title>
    <meta http-equiv="refresh" content="0; url=${address}" />
    <link rel="canonical" href="${address}" />
  </head>
  <body><a href="${address}">Documentation of Dheera AI</a></body>
</html>
`;
}

const run = promisify(execFile);
