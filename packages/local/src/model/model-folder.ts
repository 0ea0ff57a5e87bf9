import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

import { isDheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import { unusable } from "./errors.ts";
import { openUnseen } from "./open-unseen.ts";
import { type FoundModel, isWithin } from "./find-model.ts";
import type { ModelFile } from "./weights-files.ts";

/** Bytes of a configuration: the largest names thousands of labels. */
const mostBytes = 4 * 1024 * 1024;
/** Files of a model, and folders in one another. */
const mostFiles = 10_000;
const mostLevels = 3;

/**
 * The files of a model, sorted; without what Git and other programs keep in folders that begin with a dot.
 * @throws DheeraError `model_not_found` where the folder cannot be read, `invalid_request` where it holds far too much
 */
export async function listFiles(found: FoundModel): Promise<readonly ModelFile[]> {
  const files: ModelFile[] = [];
  try {
    await addFiles(found, "", mostLevels, files);
  } catch (error) {
    if (isDheeraError(error)) throw error;
    const { name, folder } = found;
    throw unusable("model_not_found", "model", `local/${name}: ${folder} cannot be read; check who may read it`, error);
  }
  return files.toSorted((one, other) => (one.file < other.file ? -1 : 1));
}

async function addFiles(found: FoundModel, folder: string, levels: number, files: ModelFile[]): Promise<void> {
  for (const entry of await readdir(join(found.folder, folder), { withFileTypes: true })) {
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith(".")) continue;
    if (files.length >= mostFiles)
      throw unusable(
        "invalid_request",
        "model",
        `local/${found.name} has more than ${mostFiles} files; name the folder of one model`,
      );
    // A link may be broken, and one out of the cache is no file of the model.
    const status = await stat(join(found.folder, file)).catch(() => undefined);
    if (status === undefined || !(await staysInside(found, file))) continue;
    if (status.isDirectory() && levels > 1)
      await addFiles(found, file, levels - 1, files).catch((error: unknown) => {
        // What nobody may read in a folder of the model is no part of it.
        if (isDheeraError(error)) throw error;
      });
    if (status.isFile()) files.push({ file, bytes: status.size });
  }
}

async function staysInside({ folder, linksLeadTo }: FoundModel, file: string): Promise<boolean> {
  return linksLeadTo === undefined || isWithin(await realpath(join(folder, file)), linksLeadTo);
}

/**
 * A JSON file of the model; undefined where it has none of this name.
 * @throws DheeraError `invalid_request` that names the file and the field
 */
export async function readJson<Schema extends v.GenericSchema>(
  found: FoundModel,
  file: string,
  schema: Schema,
): Promise<v.InferOutput<Schema> | undefined> {
  const text = await readText(found, file);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw broken(found, file, "is no JSON");
  }
  const parsed = v.safeParse(schema, json, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const where = v.getDotPath(parsed.issues[0]);
  throw broken(
    found,
    file,
    where === null ? "does not hold what such a file holds" : `has no usable ${where.slice(0, 100)}`,
  );
}

async function readText(found: FoundModel, file: string): Promise<string | undefined> {
  const path = join(found.folder, file);
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return undefined;
  if (!(await staysInside(found, file))) throw broken(found, file, "is a link that leaves the cache");
  if (!status.isFile()) throw broken(found, file, "is no file");
  if (status.size > mostBytes) throw broken(found, file, `has more than ${mostBytes / 1024 / 1024} MiB`);
  let handle;
  try {
    handle = await openUnseen(path);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(status.size), 0, status.size, 0);
    return buffer.toString("utf8", 0, bytesRead).replace(/^\uFEFF/, "");
  } catch (error) {
    throw broken(found, file, "cannot be read", error);
  } finally {
    await handle?.close();
  }
}

function broken({ name }: FoundModel, file: string, problem: string, cause?: unknown): Error {
  return unusable(
    "invalid_request",
    "model",
    `local/${name}: ${file} ${problem}; the files may be incomplete or of another kind: remove the model and get it again`,
    cause,
  );
}
