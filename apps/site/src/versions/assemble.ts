import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { promisify } from "node:util";

import { type SiteVersion, planVersions } from "./plan-versions.ts";

export interface Assembly {
  /** The repository that has the tags. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** The folder that it is written into, and that is emptied first. */
  readonly out: string;
  /** A folder for checked-out versions, each in one of its own that is removed after its build. */
  readonly checkouts: string;
  /** Where it will be on its host, with a slash at both ends. */
  readonly prefix: string;
  /** How many versions there are at most: each costs an install and a build of its own. */
  readonly most: number;
  /** Installs what a checked-out version needs. */
  readonly install: (folder: string) => Promise<void>;
  /** Is told of a version that could not be built and is left out. */
  readonly warn: (message: string) => void;
}

/**
 * Puts one site together of the newest versions: each in its folder (`v0.2/`), the newest one in `latest/` as well, and `versions.json` for
 * the choice of versions. Each is built by the sources of its own tag. An older one that cannot be built is left out, so that it does not
 * keep a new one from its readers.
 * @returns the versions that are in it, newest first; tags from before there was a site are none
 * @throws Error where no tag has a site, where the newest cannot be built, and where `out` holds the repository
 */
export async function assembleVersions(assembly: Assembly): Promise<readonly SiteVersion[]> {
  const { out, prefix, warn } = assembly;
  if (`${resolve(assembly.repository)}${sep}`.startsWith(`${resolve(out)}${sep}`))
    throw new Error(`${out} would be emptied, and holds the repository: name a folder for the site alone`);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const [latest, ...older] = await newestWithSite(assembly);
  if (latest === undefined) throw new Error("no tag has a site: tags are called v1.2.3 or dheera-ai@1.2.3");
  await buildVersion(assembly, latest, [latest.folder, "latest"]);
  const built = [latest];
  for (const version of older) {
    try {
      await buildVersion(assembly, version, [version.folder]);
      built.push(version);
    } catch (error) {
      await rm(join(out, version.folder), { recursive: true, force: true });
      warn(`${version.tag} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const list = [
    { name: `latest (${latest.name})`, folder: "latest" },
    ...built.map(({ name, folder }) => ({ name, folder })),
  ];
  await writeFile(
    join(out, "versions.json"),
    `${JSON.stringify({ latest: latest.folder, versions: list }, null, 2)}\n`,
  );
  await writeFile(join(out, "index.html"), redirectTo(`${prefix}latest/`));
  // Where hosts and language models look for them. Their links begin at the host's root, so that they lead to the same from here.
  for (const name of ["404.html", "llms.txt"]) await copyFile(join(out, "latest", name), join(out, name));
  return built;
}

const main = "apps/site/src/main.ts";

async function newestWithSite({ repository, tags, most }: Assembly): Promise<readonly SiteVersion[]> {
  const found: SiteVersion[] = [];
  for (const version of planVersions(tags)) {
    if (found.length === most) break;
    const { stdout } = await run("git", ["ls-tree", `refs/tags/${version.tag}`, main], { cwd: repository });
    if (stdout !== "") found.push(version);
  }
  return found;
}

async function buildVersion(
  { repository, out, checkouts, prefix, install }: Assembly,
  { tag, version }: SiteVersion,
  folders: readonly string[],
): Promise<void> {
  const parent = await mkdtemp(join(checkouts, "dheera-site-"));
  const source = join(parent, "source");
  await run("git", ["worktree", "add", "--detach", source, `refs/tags/${tag}`], { cwd: repository });
  try {
    await install(source);
    for (const folder of folders) {
      const said = ["--base", `${prefix}${folder}/`, "--version", version, "--tag", tag, "--out", join(out, folder)];
      await run(process.execPath, [join(source, main), ...said], { cwd: source });
    }
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
