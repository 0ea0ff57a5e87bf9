import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";

import { isCommit } from "../../model/hub-cache.ts";
import { nameOfFolder } from "./names.ts";

/** A model in the cache, which another program may have downloaded. */
export interface CachedModel {
  readonly name: string;
  /** The absolute path of the folder that all of it is in. */
  readonly folder: string;
  readonly revisions: readonly CachedRevision[];
}

export interface CachedRevision {
  readonly commit: string;
  /** Branches and tags that are this commit. */
  readonly refs: readonly string[];
  /** Its snapshot. */
  readonly folder: string;
  /** Files on the disk: blobs of the model, and what a snapshot holds itself where there are no links. */
  readonly stored: readonly StoredFile[];
}

export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was read last, as far as the file system remembers. Milliseconds since 1970. */
  readonly lastUsed: number;
}

/** The models of the cache, by name. What is no model's is left out. */
export async function scanCache(cache: string): Promise<readonly CachedModel[]> {
  const entries = await readdir(cache).catch(() => []);
  const models: CachedModel[] = [];
  for (const entry of entries.toSorted()) {
    const name = nameOfFolder(entry);
    if (name !== undefined) models.push(await scanModel(join(cache, entry), name));
  }
  return models;
}

export async function scanModel(folder: string, name: string): Promise<CachedModel> {
  const refs = await readRefs(join(folder, "refs"));
  const commits = (await readdir(join(folder, "snapshots")).catch(() => [])).filter(isCommit).toSorted();
  const revisions = await Promise.all(
    commits.map(async (commit) => ({
      commit,
      refs: refs.filter((ref) => ref.commit === commit).map((ref) => ref.name),
      folder: join(folder, "snapshots", commit),
      stored: await storedFiles(join(folder, "snapshots", commit), join(folder, "blobs")),
    })),
  );
  return { name, folder, revisions };
}

/** Branches and tags, and the commits that they are. */
export async function readRefs(folder: string): Promise<readonly { name: string; commit: string }[]> {
  const files = await filesIn(folder);
  const read = files.map(async (file) => ({
    name: file.slice(folder.length + 1).replaceAll(sep, "/"),
    commit: (await readFile(file, "utf8").catch(() => "")).trim(),
  }));
  return (await Promise.all(read)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function storedFiles(snapshot: string, blobs: string): Promise<readonly StoredFile[]> {
  const paths = await Promise.all((await filesIn(snapshot)).map((file) => storedPath(file, blobs)));
  const stored = await Promise.all([...new Set(paths)].map(describe));
  return stored.filter((file) => file !== undefined);
}

/** The blob that a file of a snapshot links to; the file itself where it is none or the link leads elsewhere. */
async function storedPath(file: string, blobs: string): Promise<string> {
  const target = await readlink(file).catch(() => undefined);
  if (target === undefined) return file;
  const blob = resolve(dirname(file), target);
  return dirname(blob) === blobs ? blob : file;
}

/** Of a link, which a blob can be too (huggingface_hub shares them between models): the size of the link. */
async function describe(path: string): Promise<StoredFile | undefined> {
  const [own, target] = await Promise.all([lstat(path).catch(() => undefined), stat(path).catch(() => undefined)]);
  return own && { path, bytes: own.size, lastUsed: (target ?? own).atimeMs };
}

/** All files in a folder and below, links not followed. Absolute paths. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
