import { createReadStream } from "node:fs";
import { appendFile, mkdir, readdir, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { toDollars } from "../../money.ts";
import type { Log } from "../../teams.ts";
import type { Batch } from "../booking/batch.ts";
import { isAway, needsMending } from "../lane.ts";
import { fromLine } from "./batch-line.ts";
import { journalEnding } from "./journal.ts";

export interface AdoptOptions {
  readonly folder: string;
  readonly replicaId: string;
  readonly database: string;
  readonly log: Log;
  /** @throws where the database is away */
  readonly book: (batch: Batch) => Promise<void>;
  /** Takes a line that the database can never take. */
  readonly refuse: (lineOf: () => string, batch: Batch, error: unknown) => Promise<void>;
}

/** Milliseconds for which a journal must be untouched before another process takes it; its own touches it every two seconds. */
const abandonedAfter = 30_000;
/** Of what the database refuses; nobody books it any more. */
export const refusedFile = "refused.jsonl";

/**
 * Books the journals that dead processes left in the folder, and removes them. A process that only seemed dead does no harm: what is
 * booked twice counts once, and it notices that its file is gone.
 * @throws where the database is away; the files stay
 */
export async function adoptJournals(options: AdoptOptions): Promise<void> {
  const { folder, replicaId } = options;
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (name.endsWith(journalEnding) && name !== `${replicaId}${journalEnding}`)
      await adopt(join(folder, name), options);
}

async function adopt(path: string, options: AdoptOptions): Promise<void> {
  const { database, log, book, refuse } = options;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  let answers = 0;
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    lines += 1;
    if (lines === 1) {
      const head = readHead(line);
      if (head !== undefined && head.database !== database) return;
      if (!isDead(head) && Date.now() - found.mtimeMs < abandonedAfter) return;
      continue;
    }
    const batch = fromLine(line);
    if (batch === undefined) {
      log.warn("a line of a journal was not written to its end, and is left out", { spend_journal: path, line: lines });
      continue;
    }
    try {
      await book(batch);
      answers += batch.answers;
    } catch (error) {
      if (isAway(error) || needsMending(error)) throw error;
      await refuse(() => line, batch, error);
    }
  }
  const { size } = await stat(path).catch(() => found);
  // Its process lives after all, and goes on writing.
  if (size !== found.size) return;
  await unlink(path).catch(() => {});
  if (answers > 0) log.info("what another process left in its journal is booked", { answers });
}

/** Neither throws, so that the rest goes on, nor says that something is kept that is not. @param folder undefined: nothing is kept */
export async function keepRefused(
  folder: string | undefined,
  lineOf: () => string,
  batch: Batch,
  log: Log,
  error: unknown,
): Promise<void> {
  const about = {
    batch: batch.id,
    answers: batch.answers,
    cost: toDollars(batch.days.reduce((sum, { cost }) => sum + cost, 0)),
    error,
  };
  const path = folder === undefined ? undefined : join(folder, refusedFile);
  try {
    if (folder !== undefined && path !== undefined) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await appendFile(path, `${lineOf()}\n`, { mode: 0o600 });
    }
    log.error("answers could not be booked", { ...about, ...(path === undefined ? {} : { kept: path }) });
  } catch (reason) {
    log.error("answers could not be booked, and are lost, because spend_journal cannot be written", {
      ...about,
      reason,
    });
  }
}

interface Head {
  readonly database: unknown;
  readonly host: unknown;
  readonly pid: unknown;
}

function readHead(line: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(line);
    if (typeof head !== "object" || head === null) return undefined;
    return { database: Reflect.get(head, "database"), host: Reflect.get(head, "host"), pid: Reflect.get(head, "pid") };
  } catch {
    return undefined;
  }
}

/** Known for certain only of processes of this machine. */
function isDead(head: Head | undefined): boolean {
  if (head === undefined || head.host !== hostname() || typeof head.pid !== "number") return false;
  try {
    process.kill(head.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
