import { DheeraError, isDheeraError } from "@dheera-ai/core";

import { isCommit } from "../../model/hub-cache.ts";
import type { ModelReference } from "../cache/names.ts";
import { type PartialFile, openPartialFile } from "../cache/partial-file.ts";
import { type HubAnswer, type HubConnection, askHub, badAnswer } from "./ask-hub.ts";
import type { HubFile } from "./model-info.ts";
import { PassingFailure, trying } from "./retry.ts";

/** An attempt that brought as much does not count as one that brought nothing. */
const leastProgress = 1_000_000;

/**
 * Downloads a file of a commit to the path of its blob, from where an earlier download stopped. It gets its name when
 * its size and its hash are right, and not before.
 * @param model its revision is a commit
 * @param onProgress is told how many bytes are there
 * @throws DheeraError that names the file; the reason of the signal, after which a later download goes on
 */
export async function downloadFile(
  connection: HubConnection,
  model: ModelReference,
  file: HubFile,
  blob: string,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const partial = await openPartialFile(blob, file.bytes, file.digest, connection.signal);
  try {
    onProgress(partial.bytes);
    // What an earlier download left may be wrong, which its hash says only when everything is there.
    if (partial.isResumed && partial.bytes === file.bytes && !partial.isRight()) await partial.restart();
    await complete(connection, model, file, partial, onProgress);
    if (partial.isResumed && !partial.isRight()) {
      await partial.restart();
      await complete(connection, model, file, partial, onProgress);
    }
  } catch (error) {
    await (isWrong(error) ? partial.remove() : partial.keep());
    throw error;
  }
  if (!partial.isRight()) {
    await partial.remove();
    throw new DheeraError(
      "provider_bad_response",
      `${file.path} of ${model.name} is not what the Hub announced: its ${file.digest.algorithm} differs; it was deleted. Try again, and check HF_ENDPOINT if it happens again`,
    );
  }
  await partial.finish();
}

/** Whether bytes came that cannot be of the file. */
function isWrong(error: unknown): boolean {
  return isDheeraError(error) && error.code === "provider_bad_response";
}

async function complete(
  connection: HubConnection,
  model: ModelReference,
  file: HubFile,
  partial: PartialFile,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const attempt = async (): Promise<void> => {
    const before = partial.bytes;
    try {
      await fetchRest(connection, model, file, partial, onProgress);
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error;
      // Of a connection that broke after the last byte nothing is missing, and a server refuses to send what is behind the end.
      if (partial.bytes === file.bytes) return;
      throw new PassingFailure(error.failure, partial.bytes - before >= leastProgress);
    }
  };
  // An empty file has no rest that could be asked for.
  if (partial.bytes < file.bytes) await trying(attempt, connection.patience, connection.signal);
}

async function fetchRest(
  connection: HubConnection,
  model: ModelReference,
  file: HubFile,
  partial: PartialFile,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const path = `/${model.name}/resolve/${model.revision}/${file.path.split("/").map(encodeURIComponent).join("/")}`;
  const range: Readonly<Record<string, string>> = partial.bytes > 0 ? { range: `bytes=${partial.bytes}-` } : {};
  const answer = await askHub(connection, path, { model, file: file.path }, range);
  try {
    check(answer, model, file);
    if (answer.status !== 206) {
      // The server takes no ranges, or not of this file.
      if (partial.bytes > 0) await partial.restart();
    } else if (!isRangeFrom(answer, partial.bytes, file.bytes))
      throw badAnswer(`sends another part of ${file.path} than it was asked for`, new URL(answer.address));
    checkLength(answer, file, partial.bytes);
  } catch (error) {
    await answer.discard();
    throw error;
  }
  for await (const chunk of answer.body) {
    if (partial.bytes + chunk.length > file.bytes)
      throw badAnswer(`sends more of ${file.path} than the ${file.bytes} bytes it announced`, new URL(answer.address));
    await partial.append(chunk);
    onProgress(partial.bytes);
  }
  if (partial.bytes < file.bytes)
    throw new PassingFailure(
      new DheeraError(
        "provider_failed",
        `the connection ended after ${partial.bytes} of the ${file.bytes} bytes of ${file.path}; try again, which goes on where it stopped`,
        { upstream: { address: answer.address } },
      ),
    );
}

/** What the Hub says of the file in its headers must be what it announced, before gigabytes are paid for. */
function check({ hubHeaders, address }: HubAnswer, model: ModelReference, file: HubFile): void {
  const refuse = (what: string): DheeraError => badAnswer(what, new URL(address));
  const commit = hubHeaders.get("x-repo-commit");
  if (commit !== null && isCommit(commit) && commit !== model.revision)
    throw refuse(`sends ${file.path} of commit ${commit} instead of ${model.revision}`);
  const etag = hubHeaders.get("x-linked-etag")?.replace(/^W\//, "").replaceAll('"', "");
  if (etag !== undefined && file.digest.algorithm === "sha256" && etag !== file.digest.hex)
    throw refuse(`names another hash for ${file.path} than it announced`);
  const size = hubHeaders.get("x-linked-size");
  if (size !== null && file.digest.algorithm === "sha256" && Number(size) !== file.bytes)
    throw refuse(`names another size for ${file.path} than it announced`);
}

function checkLength({ headers, address }: HubAnswer, file: HubFile, from: number): void {
  const length = headers.get("content-length");
  // An encoded answer has the length of the code.
  if (length === null || headers.has("content-encoding") || Number(length) === file.bytes - from) return;
  throw badAnswer(
    `wants to send ${Number(length)} bytes of ${file.path} where ${file.bytes - from} are missing`,
    new URL(address),
  );
}

function isRangeFrom({ headers }: HubAnswer, from: number, bytes: number): boolean {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  if (!range || headers.has("content-encoding")) return false;
  const [, first, last, whole] = range;
  return Number(first) === from && Number(last) === bytes - 1 && (whole === "*" || Number(whole) === bytes);
}
