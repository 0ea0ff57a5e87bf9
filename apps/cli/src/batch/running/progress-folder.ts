import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { lockFolder } from "@dheera-ai/eval";
import * as v from "valibot";

import { Failure } from "../../errors.ts";

/** What an earlier run of the same command has done. */
export interface ProgressRecord {
  /** The input as it was read, and what is asked of it: another one is another batch. */
  readonly input: string;
  readonly settings: string;
  /** All absent while it is being uploaded. */
  readonly fileId?: string | undefined;
  readonly batchId?: string | undefined;
  readonly requests: number;
  /** Queries with a document each. */
  readonly pairs: number;
  /** Items of the input that are no requests. */
  readonly broken: number;
}

/** Where a run keeps what it needs to go on; held by this process. */
export interface ProgressFolder extends AsyncDisposable {
  readonly path: string;
  /** Undefined where nothing was begun. */
  readonly record: ProgressRecord | undefined;
  /** It is on the disk when this resolves. */
  save(record: ProgressRecord): Promise<void>;
  /** Of items that are no requests. */
  readonly brokenFile: string;
  /** Forgets everything. */
  clear(): Promise<void>;
  /** With all that is in it; nothing is left to go on with. */
  remove(): Promise<void>;
}

/** @throws DheeraError where another process uses it; Failure where what is in it cannot be read */
export async function openProgressFolder(path: string): Promise<ProgressFolder> {
  await mkdir(path, { recursive: true });
  const lock = await lockFolder(path, {
    already: "another command works in it already",
    instead: "let it go on",
  });
  const file = join(path, "run.json");
  try {
    let record = await read(file);
    return {
      path,
      get record() {
        return record;
      },
      brokenFile: join(path, "broken.jsonl"),
      async save(next) {
        await writeWhole(file, JSON.stringify(next));
        record = next;
      },
      async clear() {
        await clear(path);
        record = undefined;
      },
      remove: () => rm(path, { recursive: true, force: true }),
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

const schema = v.object({
  input: v.string(),
  settings: v.string(),
  fileId: v.optional(v.string()),
  batchId: v.optional(v.string()),
  requests: v.number(),
  pairs: v.number(),
  broken: v.number(),
});

async function read(file: string): Promise<ProgressRecord | undefined> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (error) {
    throw new Failure(`${file} is damaged, so that this run cannot go on; --overwrite begins anew`, { cause: error });
  }
}

/** All or nothing, also when the machine stops. */
async function writeWhole(file: string, text: string): Promise<void> {
  const next = `${file}.next`;
  const handle = await open(next, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
}

/** All but the lock. The record goes first: without it the rest counts for nothing. */
async function clear(path: string): Promise<void> {
  for (const name of ["run.json", "broken.jsonl", "parts", "queue.db", "queue.db-wal", "queue.db-shm"])
    await rm(join(path, name), { recursive: true, force: true });
}
