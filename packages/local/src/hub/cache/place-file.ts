import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/**
 * Puts a blob into a snapshot as huggingface_hub does: a relative link or, where there are none (Windows without
 * developer mode, some network file systems), the file itself.
 * @param isNew whether no other snapshot can have the blob yet; it is moved then instead of copied
 * @param link makes a link, where the system has them
 */
export async function placeBlob(
  blob: string,
  target: string,
  isNew: boolean,
  link: typeof symlink = symlink,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = temporaryBeside(target);
  try {
    const isLinked = await link(relative(dirname(target), blob), temporary).then(
      () => true,
      (error: unknown) => {
        if (isWithoutLinks(error)) return false;
        throw error;
      },
    );
    if (!isLinked) await (isNew ? rename(blob, temporary) : copyFile(blob, temporary));
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Says which commit a branch or a tag is now. */
export async function writeReference(folder: string, revision: string, commit: string): Promise<void> {
  const path = join(folder, "refs", ...revision.split("/"));
  if ((await readFile(path, "utf8").catch(() => undefined)) === commit) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryBeside(path);
  await writeFile(temporary, commit);
  await rename(temporary, path);
}

/** The size of a file or of what a link leads to; undefined where nothing is there. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}

/** Says to programs that make backups that what is here can be had again (https://bford.info/cachedir/). */
export async function tagAsCache(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n# Models of the Hugging Face Hub, which can be downloaded again.\n";
  await writeFile(join(cache, "CACHEDIR.TAG"), tag, { flag: "wx" }).catch(() => {});
}

function temporaryBeside(path: string): string {
  return `${path}.${randomBytes(4).toString("hex")}.tmp`;
}

function isWithoutLinks(error: unknown): boolean {
  const codes = ["EPERM", "EACCES", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL", "UNKNOWN"];
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
