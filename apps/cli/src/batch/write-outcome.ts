import { createReadStream } from "node:fs";
import { rename, rm } from "node:fs/promises";

import { Failure } from "../errors.ts";
import { describeFileError } from "../describe-file-error.ts";
import { printable } from "../drawing/printable.ts";
import type { Terminal } from "../terminal.ts";
import type { RunPlan } from "./plan-run.ts";
import type { BatchPlace, BatchState } from "./running/batch-place.ts";
import { brokenItemsOf, failuresOf, inOrder, resultsOf } from "./running/results-of.ts";
import type { ProgressFolder, ProgressRecord } from "./running/progress-folder.ts";
import type { BatchFailure, BatchResult } from "./writing/batch-result.ts";
import { csvOf, jsonlOf, trecOf } from "./writing/result-texts.ts";
import { writeParquet } from "./writing/write-parquet.ts";
import { writeTexts } from "./writing/write-texts.ts";

/**
 * Writes what a batch has found: results, and beside them what failed, both in the order of the input. Each file is there as a whole or
 * not at all.
 */
export async function writeOutcome(
  plan: RunPlan,
  { fileId }: ProgressRecord,
  state: BatchState,
  withTexts: boolean,
  place: BatchPlace,
  folder: ProgressFolder,
  terminal: Terminal,
): Promise<void> {
  const content = (id: string | undefined): AsyncIterable<Uint8Array> =>
    id === undefined ? nothing() : place.content(id);
  const failures = inOrder(failuresOf(content(state.errorFileId)), brokenItemsOf(createReadStream(folder.brokenFile)));
  await writeFailures(plan, failures, terminal);
  const results = resultsOf(
    content(state.outputFileId),
    plan.needsRequests && state.outputFileId !== undefined ? content(fileId) : undefined,
  );
  await writeResults(plan, results, withTexts, terminal);
}

async function writeResults(
  { output, outputFormat }: RunPlan,
  results: AsyncIterable<BatchResult>,
  withTexts: boolean,
  terminal: Terminal,
): Promise<void> {
  const write = async (file: string): Promise<void> => {
    if (outputFormat === "parquet") return await writeParquet(results, file, withTexts);
    const texts = textsOf[outputFormat](results, withTexts);
    await writeTexts(texts, output === "-" ? terminal.output : { file, name: output });
  };
  if (output === "-") await write("-");
  else await replace(output, write);
}

const textsOf = { jsonl: jsonlOf, csv: csvOf, trec: trecOf };

async function writeFailures(
  { errors }: RunPlan,
  failures: AsyncGenerator<BatchFailure>,
  { printError }: Terminal,
): Promise<void> {
  if (errors === undefined) return await sayFailures(failures, printError);
  const first = await failures.next();
  // None of an earlier run stays beside results that it does not belong to.
  if (first.done === true) return await rm(errors, { force: true });
  async function* lines(found: BatchFailure): AsyncGenerator<string> {
    yield `${JSON.stringify(found)}\n`;
    for await (const failure of failures) yield `${JSON.stringify(failure)}\n`;
  }
  await replace(errors, (file) => writeTexts(lines(first.value), { file, name: errors }));
}

/** Of failures that are told one by one. */
const mostTold = 20;

async function sayFailures(failures: AsyncIterable<BatchFailure>, printError: (line: string) => void): Promise<void> {
  let count = 0;
  for await (const { line, error } of failures)
    if (++count <= mostTold) printError(printable(`line ${line}: ${error.message} (${error.code})`));
  if (count > mostTold) printError(`${count - mostTold} more have failed; --errors FILE lists all of them`);
}

/** Under another name first, so that nobody takes a part of it for the whole. */
async function replace(file: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${file}.part`;
  try {
    await write(part);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const reason = describeFileError(error);
    throw reason === undefined
      ? error
      : new Failure(`${file} cannot be written: ${reason}; what was ranked is kept, and the same command writes it`, {
          cause: error,
        });
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
