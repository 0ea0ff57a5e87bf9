import { open, readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";

import type { Environment } from "@dheera-ai/core/provider-utils";

import { unusable } from "./errors.ts";
import { hubCacheFolder, isCommit, isHubName, isRevision, repositoryFolder } from "./hub-cache.ts";

export interface FoundModel {
  /** As the configuration names it, without the prefix. */
  readonly name: string;
  /** The absolute path of the folder that the files are in. */
  readonly folder: string;
  /** The commit, where the model is in the cache of the Hub. */
  readonly revision: string | undefined;
  /** Real paths of the folders that links among the files may lead to; undefined where they may lead anywhere. */
  readonly linksLeadTo: readonly string[] | undefined;
}

export interface Places {
  readonly environment: Environment;
  /** What `./folder` is relative to, such as the folder of the configuration. Default: the working directory. */
  readonly directory?: string | undefined;
}

/**
 * The folder of a model: `<org>/<name>[@revision]` in the cache of the Hugging Face Hub, `./folder`, or an absolute path.
 * Nothing is downloaded.
 * @throws DheeraError `model_not_found` where it is not on this machine, `invalid_request` where it is no name of a model
 */
export function findModel(name: string, { environment, directory }: Places): Promise<FoundModel> {
  return isPath(name) ? findFolder(name, directory ?? process.cwd()) : findInCache(name, hubCacheFolder(environment));
}

function isPath(name: string): boolean {
  return isAbsolute(name) || /^\.{1,2}(?:$|[/\\])/.test(name);
}

async function findFolder(name: string, directory: string): Promise<FoundModel> {
  // oxlint-disable-next-line no-control-regex -- these are what no path may hold
  if (/[\u0000-\u001F\u007F]/.test(name)) throw notAName(name, "has control characters");
  if (name.split(/[/\\]/).includes("..")) throw notAName(name, "leads upwards; write its absolute path");
  const folder = resolve(directory, name);
  if (await isFolder(folder)) return { name, folder, revision: undefined, linksLeadTo: undefined };
  throw unusable(
    "model_not_found",
    "model",
    `local/${name} is no folder that can be read; it would be ${folder}. Name the folder that holds config.json, as local/./<folder> or by its absolute path`,
  );
}

async function findInCache(name: string, cache: string): Promise<FoundModel> {
  const [id = "", revision = "main"] = split(name);
  if (!isHubName(id)) throw notAName(name, "is neither <org>/<name> nor a path that begins with ./ or /");
  if (!isRevision(revision)) throw notAName(name, "has no branch, tag or commit after the @");
  const repository = repositoryFolder(cache, id);
  if (!(await isFolder(repository))) throw notPulled(name, `is not in ${cache}`);
  const linksLeadTo = await realFolders([cache, repository, join(repository, "blobs")]);
  const commit = isCommit(revision) ? revision : await readRef(join(repository, "refs", ...revision.split("/")));
  if (commit === undefined) throw await noSuchRevision(name, revision, repository);
  if (!isCommit(commit)) throw notPulled(name, `has no commit in its file refs/${revision}`);
  const folder = join(repository, "snapshots", commit);
  if (!(await isFolder(folder))) throw notPulled(name, `has no files of the commit ${commit} in ${cache}`);
  if (!isWithin(await realpath(folder), linksLeadTo)) throw notAName(name, "is a link that leaves the cache");
  return { name, folder, revision: commit, linksLeadTo };
}

function split(name: string): readonly [id: string, revision?: string] {
  const at = name.indexOf("@");
  return at === -1 ? [name] : [name.slice(0, at), name.slice(at + 1)];
}

/** Whether a real path is one of these folders or in one. */
export function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(join(folder, "/")));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function realFolders(paths: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
  return real.filter((path) => path !== undefined);
}

/** The commit that a branch, a tag or a shortened commit stood for when it was pulled. */
async function readRef(path: string): Promise<string | undefined> {
  let file;
  try {
    file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString("latin1", 0, bytesRead).trim();
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

async function noSuchRevision(name: string, revision: string, repository: string): Promise<Error> {
  const commits = await readdir(join(repository, "snapshots")).catch(() => []);
  const meant = commits.filter((commit) => isCommit(commit) && commit.startsWith(revision));
  if (meant.length > 0)
    return unusable(
      "model_not_found",
      "model",
      `local/${name}: a commit is written in full, here ${meant.slice(0, 3).join(" or ")}`,
    );
  const there = commits.filter(isCommit).slice(0, 3);
  const others = there.length === 0 ? "" : `; of this model there is ${there.join(", ")}`;
  return notPulled(name, `is not on this machine in the revision ${revision}${others}`);
}

function notPulled(name: string, problem: string): Error {
  return unusable("model_not_found", "model", `local/${name} ${problem}. Get it with: dheera_ai pull ${name}`);
}

function notAName(name: string, problem: string): Error {
  return unusable("invalid_request", "model", `${JSON.stringify(`local/${name}`)} is no model: it ${problem}`);
}
