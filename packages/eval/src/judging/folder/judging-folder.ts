import { existsSync } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";

import { Budget } from "../../collections/files/budget.ts";
import { parseRecord } from "../../collections/files/json-record.ts";
import { readLines } from "../../collections/files/read-lines.ts";
import { refusal } from "../../collections/files/refusal.ts";
import {
  type Judgement,
  type Judgements,
  type JudgingTask,
  judgementsOf,
  noJudgements,
  withJudgement,
  writeQrels,
} from "../judgements.ts";
import { openJudgementLog } from "./judgement-log.ts";
import { type LockedWork, lockFolder } from "./lock-folder.ts";

/** A document of a collection as BEIR writes it. */
export interface CorpusDocument {
  readonly id: string;
  readonly title?: string;
  readonly text: string;
}

/** A collection to be judged. */
export interface NewCollection {
  readonly documents: Iterable<CorpusDocument>;
  readonly queries: readonly { readonly id: string; readonly text: string; readonly documents: readonly string[] }[];
}

/** Whether `createJudgingFolder` made this folder, so that judging can go on. */
export function isJudgingFolder(folder: string): boolean {
  return existsSync(join(folder, poolFile));
}

/**
 * To be called before anything is paid for.
 * @throws DheeraError `invalid_request` where files of a collection are that `createJudgingFolder` did not begin
 */
export function refuseOtherCollection(folder: string): void {
  if (existsSync(join(folder, unfinishedFile)) && !isJudgingFolder(folder)) return;
  const found = collectionFiles.find((name) => existsSync(join(folder, name)));
  if (found !== undefined)
    throw refusal(
      folder,
      undefined,
      `it has a collection already, which is not written over (${found}); name another folder`,
    );
}

/** What a collection in BEIR's form is read from. Of `qrels`, any: other splits belong to another collection. */
const collectionFiles = ["corpus.jsonl", "corpus.jsonl.gz", "queries.jsonl", "queries.jsonl.gz", "qrels"] as const;
const stateFolder = "judging";
const poolFile = join(stateFolder, "pool.jsonl");
/** Is there as long as the files beside it are ours, and perhaps not whole. */
const unfinishedFile = join(stateFolder, "unfinished");

/**
 * Writes a collection in BEIR's form without judgements, and beside it what is to be judged.
 * @throws DheeraError `invalid_request` where files of a collection are that it did not begin
 */
export async function createJudgingFolder(folder: string, { documents, queries }: NewCollection): Promise<void> {
  refuseOtherCollection(folder);
  await mkdir(join(folder, stateFolder), { recursive: true });
  await writeFile(join(folder, unfinishedFile), "");
  await writeLines(join(folder, "corpus.jsonl"), documents, ({ id, title, text }) => ({ _id: id, title, text }));
  await writeLines(join(folder, "queries.jsonl"), queries, ({ id, text }) => ({ _id: id, text }));
  await mkdir(join(folder, "qrels"), { recursive: true });
  await writeFile(join(folder, "qrels", "test.tsv"), writeQrels({ queries: [] }, noJudgements));
  // Last, because its being there says that the rest is whole.
  const path = join(folder, poolFile);
  await writeLines(`${path}.new`, queries, ({ id, documents: pooled }) => ({ query: id, documents: pooled }));
  await rename(`${path}.new`, path);
  await rm(join(folder, unfinishedFile));
}

/** What is judged, by one process at a time. */
export interface JudgingFolder extends AsyncDisposable {
  readonly task: JudgingTask;
  /** Texts by id, of queries and of the documents that are to be judged. */
  readonly queries: ReadonlyMap<string, string>;
  readonly documents: ReadonlyMap<string, CorpusDocument>;
  /** What has been said so far. */
  readonly judgements: Judgements;
  /** Every judgement in the order it was made, those of earlier times first. */
  readonly history: readonly Judgement[];
  /** It is on the disk, and in the qrels, when this returns. */
  judge(judgement: Judgement): Promise<void>;
}

/** @throws DheeraError `invalid_request` where another process judges there, or naming the file and the line that are damaged. */
export async function openJudgingFolder(folder: string): Promise<JudgingFolder> {
  await using stack = new AsyncDisposableStack();
  stack.use(await lockFolder(join(folder, stateFolder), judgingWork));
  const budget = new Budget();
  const task = await readTask(join(folder, poolFile), budget);
  const pooled = new Set(task.queries.flatMap(({ documents }) => documents));
  const queries = new Map<string, string>();
  await readEach(join(folder, "queries.jsonl"), budget, textSchema, ({ _id, text }) => void queries.set(_id, text));
  const documents = new Map<string, CorpusDocument>();
  await readEach(join(folder, "corpus.jsonl"), budget, textSchema, ({ _id: id, title, text }) => {
    if (pooled.has(id)) documents.set(id, { id, text, ...(title !== undefined && { title }) });
  });
  const log = stack.use(await openJudgementLog(join(folder, stateFolder, "judgements.jsonl")));
  const history = [...log.earlier];
  let judgements = judgementsOf(history);
  const qrels = join(folder, "qrels", "test.tsv");
  // A crash may have come between the log and the qrels.
  await replace(qrels, writeQrels(task, judgements));
  let last: Promise<void> = Promise.resolve();
  const judge = async (judgement: Judgement): Promise<void> => {
    await log.append(judgement);
    history.push(judgement);
    judgements = withJudgement(judgements, judgement);
    await replace(qrels, writeQrels(task, judgements));
  };
  const opened = stack.move();
  return {
    task,
    queries,
    documents,
    history,
    get judgements() {
      return judgements;
    },
    // One after the other, so that the qrels of the last one stay.
    judge: (judgement) => {
      const done = last.then(() => judge(judgement));
      last = done.catch(() => {});
      return done;
    },
    async [Symbol.asyncDispose]() {
      await last;
      await opened.disposeAsync();
    },
  };
}

const textSchema = v.object({ _id: v.string(), title: v.optional(v.string()), text: v.string() });
const poolSchema = v.object({ query: v.string(), documents: v.array(v.string()) });

async function readTask(path: string, budget: Budget): Promise<JudgingTask> {
  const queries: { id: string; documents: readonly string[] }[] = [];
  await readEach(path, budget, poolSchema, ({ query, documents }) => void queries.push({ id: query, documents }));
  return { queries };
}

async function readEach<Line>(
  path: string,
  budget: Budget,
  schema: v.GenericSchema<unknown, Line>,
  take: (line: Line) => void,
): Promise<void> {
  await readLines(path, budget, (line, number) => {
    const checked = v.safeParse(schema, parseRecord(line, path, number).fields);
    if (!checked.success)
      throw refusal(path, number, "it is not what dheera_ai eval init writes; make the folder anew");
    take(checked.output);
  });
}

async function writeLines<Item>(path: string, items: Iterable<Item>, written: (item: Item) => object): Promise<void> {
  const file = await open(path, "w");
  try {
    let lines: string[] = [];
    for (const item of items) {
      lines.push(`${JSON.stringify(written(item))}\n`);
      if (lines.length < linesAWrite) continue;
      await file.appendFile(lines.join(""));
      lines = [];
    }
    await file.appendFile(lines.join(""));
  } finally {
    await file.close();
  }
}

const linesAWrite = 1_000;

const judgingWork: LockedWork = { already: "it is being judged already", instead: "use the address that it printed" };

/** Whole or not at all. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
