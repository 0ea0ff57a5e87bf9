import { DheeraError } from "@dheera-ai/core";
import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";

import { hubCacheFolder, repositoryFolder } from "../model/hub-cache.ts";
import { parseReference } from "./cache/names.ts";
import { type CachedRevision, filesIn, readRefs, scanModel } from "./cache/scan.ts";
import type { HubOptions } from "./hub-options.ts";

/** What a removal would do: for a person to look at before, and for `remove` to do. */
export interface RemovalPlan {
  readonly name: string;
  /** The commits that will be gone. */
  readonly commits: readonly string[];
  /** Commits of the model that stay. */
  readonly kept: readonly string[];
  /** Absolute paths of the files and folders to delete, in this order. */
  readonly paths: readonly string[];
  /** What will be free afterwards: without files that a commit which stays needs too. */
  readonly bytes: number;
}

/**
 * Finds what belongs to a model or, where a revision is named, to that alone. Deletes nothing.
 * @param text `<organization>/<name>[@revision]`
 * @throws DheeraError `model_not_found` where it is not in the cache
 */
export async function planRemoval(text: string, { environment }: HubOptions): Promise<RemovalPlan> {
  const { name, revision } = parseReference(text);
  const cache = hubCacheFolder(environment);
  const folder = repositoryFolder(cache, name);
  if ((await lstat(folder).catch(() => undefined)) === undefined)
    throw notFound(`${name} is not in ${cache}; dheera_ai models --local lists what is`);
  const { revisions } = await scanModel(folder, name);
  const gone = revision === undefined ? revisions : revisions.filter((one) => isNamed(one, revision));
  if (revision !== undefined && gone.length === 0)
    throw notFound(
      `${name} is not in ${cache} in the revision ${revision}; there is ${revisions.map(describe).join(", ") || "none"}`,
    );
  const kept = revisions.filter((one) => !gone.includes(one));
  const commits = gone.map(({ commit }) => commit);
  const isWhole = kept.length === 0;
  const { paths, bytes } = isWhole ? await everything(folder) : await onlyOf(folder, gone, kept);
  return { name, commits, kept: kept.map(({ commit }) => commit), paths, bytes };
}

/** Does what the plan says. Files that are gone already are no failure. */
export async function remove({ paths }: RemovalPlan): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

function isNamed({ commit, refs }: CachedRevision, revision: string): boolean {
  return (
    commit === revision || refs.includes(revision) || (/^[\da-f]{7,}$/.test(revision) && commit.startsWith(revision))
  );
}

async function everything(folder: string): Promise<Pick<RemovalPlan, "paths" | "bytes">> {
  const sizes = (await filesIn(folder)).map(async (file) => (await lstat(file).catch(() => undefined))?.size ?? 0);
  return { paths: [folder], bytes: sum(await Promise.all(sizes)) };
}

/** References first, so that no name points to a snapshot that is going. */
async function onlyOf(
  folder: string,
  gone: readonly CachedRevision[],
  kept: readonly CachedRevision[],
): Promise<Pick<RemovalPlan, "paths" | "bytes">> {
  const needed = new Set(kept.flatMap(({ stored }) => stored.map(({ path }) => path)));
  const stored = gone.flatMap((one) => one.stored).filter(({ path }) => !needed.has(path));
  const files = new Map(stored.map((file) => [file.path, file.bytes]));
  const commits = new Set(gone.map(({ commit }) => commit));
  const refs = (await readRefs(join(folder, "refs"))).filter(({ commit }) => commits.has(commit));
  return {
    paths: [
      ...refs.map(({ name }) => join(folder, "refs", ...name.split("/"))),
      ...gone.map((one) => one.folder),
      // What huggingface_hub notes of a commit.
      ...[...commits].flatMap((commit) => [join(folder, ".no_exist", commit), join(folder, "trees", `${commit}.json`)]),
      ...files.keys(),
    ],
    bytes: sum([...files.values()]),
  };
}

function describe({ commit, refs }: CachedRevision): string {
  return [...refs, commit].join(" = ");
}

function notFound(message: string): DheeraError {
  return new DheeraError("model_not_found", message, { param: "model" });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
