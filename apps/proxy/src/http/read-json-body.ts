import type { IncomingMessage } from "node:http";

import { DheeraError, isDheeraError } from "@dheera-ai/core";

import { type BodyRoom, smallBody } from "../access/limits/body-budget.ts";
import { incomingOfNode } from "../server/runtime/node-request.ts";
import { largeBody, largeBodyTurn, middlingBody, sharedTurn } from "./body-turns.ts";
import { JsonMeter } from "./json-meter.ts";
import { mostOf, parseJson, readText, refusalOf } from "./parse-json.ts";

/** What a body may hold. */
export interface JsonLimits {
  readonly mostBytes: number;
  readonly mostValues: number;
}

/**
 * Reads a request's body, once there is room for it, and parses it as JSON; the content type is ignored, because many
 * clients send a wrong one.
 * @param env what the runtime hands over beside the request
 * @throws DheeraError `request_too_large` beyond `mostBytes`, before the rest is read; `rate_limited` when there is no
 * room; `cancelled` when the client goes away before it has sent everything; what `readText` and `parseJson` throw
 */
export async function readJsonBody(
  request: Request,
  env: unknown,
  limits: JsonLimits,
  room: Pick<BodyRoom, "take" | "shrink" | "grow">,
): Promise<unknown> {
  const { mostBytes, mostValues } = limits;
  const length = announcedLength(request);
  if (length !== undefined && length > mostBytes) throw tooLarge(mostBytes);
  const wait = room.take(length ?? smallBody);
  if (wait) await wait;
  // A large body is measured as it arrives; a small one at once, which is quicker.
  const meter = length !== undefined && length < largeBody ? undefined : new JsonMeter(mostOf(mostValues));
  // The server ends a body at its announced length, so only bodies without one are counted.
  const outgrown = length === undefined ? () => room.take(mostBytes) : undefined;
  const bytes = await readBody(request, env, { length, mostBytes, mostValues, meter, outgrown });
  if (length === undefined) room.shrink(bytes.byteLength);
  if (bytes.byteLength < largeBody) {
    const turn = bytes.byteLength < middlingBody ? undefined : sharedTurn(bytes.byteLength);
    if (turn) await turn;
    return parseJson(readText(bytes, mostValues, room));
  }
  // Each step in a turn of its own: together they would hold up everybody for longer.
  await largeBodyTurn();
  const text = readText(bytes, mostValues, room);
  await largeBodyTurn();
  const value = parseJson(text);
  await largeBodyTurn();
  return value;
}

/**
 * On Node.js it reads the message itself, because `arrayBuffer` copies the body once more, which takes time with large
 * bodies.
 */
function readBody(request: Request, env: unknown, limits: Limits): Promise<Uint8Array> {
  const incoming = incomingOfNode(env);
  // The program that called the app may have read the message already and made the request from it.
  return incoming && !incoming.readableDidRead ? readMessage(incoming, limits) : readRequest(request, limits);
}

/** The refusal of a body, or what it means that the rest of it does not come. */
function incomplete(error: unknown): DheeraError {
  return isDheeraError(error)
    ? error
    : new DheeraError("cancelled", "the client went away before it had sent the whole body", { cause: error });
}

function announcedLength({ headers }: Request): number | undefined {
  const length = headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

interface Limits extends JsonLimits {
  /** Bytes that were announced. */
  readonly length: number | undefined;
  /** Of a body that may be large. */
  readonly meter: JsonMeter | undefined;
  /** Asks for room for the largest body; only for a body without an announced length, once it is no longer small. */
  readonly outgrown: (() => Promise<void> | undefined) | undefined;
}

function readMessage(incoming: IncomingMessage, limits: Limits): Promise<Uint8Array> {
  const { length, mostBytes, meter, outgrown } = limits;
  return new Promise((resolve, reject) => {
    const pieces = length !== undefined && length >= largeBody ? new PiecesInPlace(length) : new PiecesApart();
    let size = 0;
    let isSmall = outgrown !== undefined;
    let refusal: DheeraError | undefined;
    let pauses = 0;
    const fail = (error: unknown): void => reject(incomplete(error));
    const pauseFor = (wait: Promise<void> | undefined): void => {
      if (!wait) return;
      pauses++;
      incoming.pause();
      wait.then(() => {
        if (--pauses === 0) incoming.resume();
      }, fail);
    };
    const onData = (chunk: Uint8Array): void => {
      size += chunk.byteLength;
      if (size > mostBytes) {
        incoming.off("data", onData);
        // For good.
        pauses++;
        incoming.pause();
        reject(tooLarge(mostBytes));
        return;
      }
      // A system hands over megabytes of one message in one go; many messages would hold up everybody.
      if (meter) pauseFor(sharedTurn(chunk.byteLength));
      // The rest of a body that is refused is read all the same: many clients would see a broken connection in place of the
      // answer, and as long as it holds its room, its sender sends no more than that.
      if (refusal) return;
      refusal = measure(chunk, limits);
      if (refusal) return;
      pieces.add(chunk);
      if (!isSmall || size <= smallBody) return;
      isSmall = false;
      pauseFor(outgrown?.());
    };
    incoming.on("data", onData);
    incoming.on("end", () => (refusal ? reject(refusal) : resolve(pieces.join())));
    incoming.on("error", fail);
    // Every message emits `close` in the end; the error is made only where it is needed, because making one costs more
    // than the rest of this function.
    incoming.on("close", () => {
      if (!incoming.readableEnded) fail(new Error("the connection was closed"));
    });
  });
}

/** A body must arrive within this time; under Node.js the server itself enforces that. */
const bodyTimeoutMs = 120_000;

function readRequest(request: Request, limits: Limits): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const tooLate = (): void =>
      reject(new DheeraError("cancelled", `the body did not arrive within ${bodyTimeoutMs / 1000} seconds`));
    const timer = setTimeout(tooLate, bodyTimeoutMs);
    void readAll(request, limits)
      .then(resolve, (error: unknown) => reject(incomplete(error)))
      .finally(() => clearTimeout(timer));
  });
}

async function readAll(request: Request, limits: Limits): Promise<Uint8Array> {
  const { mostBytes, outgrown } = limits;
  if (!outgrown) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const refusal = measure(bytes, limits);
    if (refusal) throw refusal;
    return bytes;
  }
  const pieces = new PiecesApart();
  let size = 0;
  let isSmall = true;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    const refusal = size > mostBytes ? tooLarge(mostBytes) : measure(chunk, limits);
    if (refusal) throw refusal;
    pieces.add(chunk);
    if (!isSmall || size <= smallBody) continue;
    isSmall = false;
    await outgrown();
  }
  return pieces.join();
}

/** Why a body that holds this piece too is refused; undefined where it is not. */
function measure(piece: Uint8Array, { meter, mostValues }: Limits): DheeraError | undefined {
  if (!meter) return undefined;
  meter.add(piece);
  return meter.isBeyondMost ? refusalOf(meter.size, mostValues) : undefined;
}

/** The pieces of a body, joined when all are there. */
class PiecesApart {
  readonly #pieces: Uint8Array[] = [];

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  join(): Uint8Array {
    const [only] = this.#pieces;
    if (only && this.#pieces.length === 1) return only;
    const joined = new PiecesInPlace(this.#pieces.reduce((size, { byteLength }) => size + byteLength, 0));
    for (const piece of this.#pieces) joined.add(piece);
    return joined.join();
  }
}

/** Pieces that are put in their place as they come, because joining a large body holds up everybody and takes it twice. */
class PiecesInPlace {
  readonly #bytes: Uint8Array;
  #size = 0;

  /** @param length bytes of all pieces together */
  constructor(length: number) {
    // Not filled with zeros: only what pieces were put over is handed out.
    this.#bytes = Buffer.allocUnsafeSlow(length);
  }

  /** @throws RangeError beyond the length */
  add(piece: Uint8Array): void {
    this.#bytes.set(piece, this.#size);
    this.#size += piece.byteLength;
  }

  join(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }
}

function tooLarge(mostBytes: number): DheeraError {
  return new DheeraError(
    "request_too_large",
    `the body is larger than the ${mostBytes / 1_000_000} MB allowed (general_settings.max_request_size_mb); send fewer documents at a time`,
  );
}
