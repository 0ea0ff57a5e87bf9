import { Readable } from "node:stream";

import { DheeraError, isDheeraError } from "@dheera-ai/core";
import { abortable } from "@dheera-ai/core/provider-utils";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";

import { incomingOfNode } from "../server/runtime/node-request.ts";
import { markUpload } from "../server/runtime/uploads.ts";
import { PatientPieces } from "./patient-pieces.ts";

/** A form with one file, while it arrives. */
export interface Upload extends Disposable {
  readonly filename: string;
  /** What stood before the file, and when its bytes have ended all of it: clients send fields in any order. */
  readonly fields: ReadonlyMap<string, string>;
  /** Of the file, read no faster than they are taken. Ends when the whole form was read. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface UploadOptions {
  /** Milliseconds of waiting for the client in which 64 KiB must arrive, or the rest of it. */
  readonly stallMs: number;
  /** Aborts when the file is not wanted any more, also before it has begun. */
  readonly signal: AbortSignal;
}

/**
 * Reads `multipart/form-data` up to where its file begins. Never more than some pieces are in memory. To be disposed of, because the client
 * of an upload that nobody wants would wait for ever.
 * @param env what the runtime hands over beside the request
 * @throws DheeraError `invalid_request` for a form that cannot be read or has no file, `cancelled` when the client goes away, `timeout`
 * when it is too slow
 */
export async function openUpload(request: Request, env: unknown, { stallMs, signal }: UploadOptions): Promise<Upload> {
  const fields = new Map<string, string>();
  const form = openForm(request.headers.get("content-type") ?? "", fields);
  // Aborts with the reason why nothing more is read.
  const stop = new AbortController();
  const unwanted = (): void => stop.abort(new DheeraError("cancelled", "the file is not wanted"));
  signal.addEventListener("abort", unwanted, { once: true });
  if (signal.aborted) unwanted();
  form.on("error", (error) => stop.abort(isDheeraError(error) ? error : unreadable(error)));
  let hasBegun = false;
  const file = new Promise<OpenFile>((resolve) => {
    form.on("file", (name, stream, filename) => {
      // What is destroyed before anybody reads it may fail unheard.
      stream.on("error", () => {});
      stop.signal.addEventListener("abort", () => stream.destroy());
      if (name !== "file") return void stream.resume();
      hasBegun = true;
      resolve({ stream, filename });
    });
  });
  const pieces = new PatientPieces(bodyOf(request, env), stallMs, stop);
  const whole = feed(form, pieces, stop.signal, () => hasBegun);
  whole.catch(() => {});
  const first = await Promise.race([file, whole]);
  if (first === undefined) throw new DheeraError("invalid_request", "file: is required", { param: "file" });
  const { stream, filename } = first;
  return {
    filename: filename || "file",
    fields,
    bytes: bytesOf(stream, whole, stop.signal),
    [Symbol.dispose]: unwanted,
  };
}

interface OpenFile {
  readonly stream: BusboyFileStream;
  readonly filename: string;
}

/** Fields are few and short; so are the headers of a part. */
const limits = { fields: 20, fieldSize: 10_000, files: 1, parts: 21, headerPairs: 20, headerSize: 10_000 };

function openForm(contentType: string, fields: Map<string, string>): BusboyInstance {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) throw noForm();
  try {
    const form = new Busboy({ headers: { "content-type": contentType }, limits });
    form.on("field", (name, value) => void fields.set(name, value));
    for (const event of ["fieldsLimit", "filesLimit", "partsLimit"] as const)
      form.on(event, () =>
        form.destroy(new DheeraError("invalid_request", "the form has more than one file and 20 fields")),
      );
    return form;
  } catch (error) {
    throw noForm(error);
  }
}

function noForm(cause?: unknown): DheeraError {
  return new DheeraError(
    "invalid_request",
    "the body must be multipart/form-data with the fields purpose and file, as OpenAI's clients and `curl -F` send it",
    { cause },
  );
}

function bodyOf(request: Request, env: unknown): AsyncIterable<Uint8Array> {
  const incoming = incomingOfNode(env);
  // The program that called the app may have read the message already and made the request from it.
  if (!incoming || incoming.readableDidRead) return request.body ?? Readable.from([]);
  markUpload(incoming);
  // An answer that refuses the upload goes over the same connection.
  return incoming.iterator({ destroyOnReturn: false });
}

/** Of all fields before the file: a field without an end would be read, and dropped, for ever. */
const mostBytesBeforeFile = 400_000;

/** Writes the body into the form, each piece when the one before was taken. */
async function feed(
  form: BusboyInstance,
  pieces: PatientPieces,
  signal: AbortSignal,
  hasBegun: () => boolean,
): Promise<undefined> {
  try {
    let before = 0;
    for (let piece = await pieces.next(); piece; piece = await pieces.next()) {
      await abortable(write(form, piece), signal);
      if (hasBegun()) continue;
      before += piece.byteLength;
      if (before > mostBytesBeforeFile) throw tooLate();
    }
    const finished = new Promise<undefined>((resolve) => form.on("finish", () => resolve(undefined)));
    form.end();
    return await abortable(finished, signal);
  } catch (error) {
    pieces.stop(error);
    form.destroy();
    throw error;
  } finally {
    pieces.leave();
  }
}

/** Resolves when the form has taken it, which it does as its file is being read. */
function write(form: BusboyInstance, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    form.write(piece, (error) => (error ? reject(unreadable(error)) : resolve()));
  });
}

function tooLate(): DheeraError {
  return new DheeraError(
    "request_too_large",
    `file: it must begin within the first ${mostBytesBeforeFile} bytes of the form`,
    { param: "file" },
  );
}

function unreadable(cause: unknown): DheeraError {
  return new DheeraError("invalid_request", "the form ends in the middle, or cannot be read", { cause });
}

async function* bytesOf(
  stream: BusboyFileStream,
  whole: Promise<undefined>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream) yield piece;
  } catch (error) {
    throw signal.aborted ? signal.reason : unreadable(error);
  }
  await whole;
}
