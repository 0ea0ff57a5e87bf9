import type { IncomingMessage } from "node:http";

import { DheeraError, isDheeraError } from "@dheera-ai/core";

import { type BodyRoom, smallBody } from "../access/limits/body-budget.ts";
import { incomingOfNode } from "../server/runtime/node-request.ts";
import { largeBody, largeBodyTurn } from "./large-body-turn.ts";
import { parseJson, readText } from "./parse-json.ts";

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
  { mostBytes, mostValues }: JsonLimits,
  room: Pick<BodyRoom, "take" | "shrink" | "grow">,
): Promise<unknown> {
  const bytes = await readBody(request, env, mostBytes, room);
  if (bytes.byteLength < largeBody) return parseJson(readText(bytes, mostValues, room));
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
async function readBody(
  request: Request,
  env: unknown,
  mostBytes: number,
  room: Pick<BodyRoom, "take" | "shrink">,
): Promise<Uint8Array> {
  const length = announcedLength(request);
  if (length !== undefined && length > mostBytes) throw tooLarge(mostBytes);
  const wait = room.take(length ?? smallBody);
  if (wait) await wait;
  // The server ends a body at its announced length, so only bodies without one are counted.
  const limits = { mostBytes, outgrown: length === undefined ? () => room.take(mostBytes) : undefined };
  const incoming = incomingOfNode(env);
  try {
    // The program that called the app may have read the message already and made the request from it.
    const body =
      incoming && !incoming.readableDidRead ? await readMessage(incoming, limits) : await readRequest(request, limits);
    if (length === undefined) room.shrink(body.byteLength);
    return body;
  } catch (error) {
    if (isDheeraError(error)) throw error;
    throw new DheeraError("cancelled", "the client went away before it had sent the whole body", { cause: error });
  }
}

function announcedLength({ headers }: Request): number | undefined {
  const length = headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}

interface Limits {
  readonly mostBytes: number;
  /** Asks for room for the largest body; only for a body without an announced length, once it is no longer small. */
  readonly outgrown: (() => Promise<void> | undefined) | undefined;
}

function readMessage(incoming: IncomingMessage, { mostBytes, outgrown }: Limits): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let isSmall = outgrown !== undefined;
    const onData = (chunk: Uint8Array): void => {
      size += chunk.byteLength;
      chunks.push(chunk);
      if (size > mostBytes) {
        incoming.off("data", onData);
        incoming.pause();
        reject(tooLarge(mostBytes));
      } else if (isSmall && size > smallBody) {
        isSmall = false;
        const wait = outgrown?.();
        if (!wait) return;
        incoming.pause();
        wait.then(() => incoming.resume(), reject);
      }
    };
    incoming.on("data", onData);
    incoming.on("end", () => resolve(join(chunks, size)));
    incoming.on("error", reject);
    // Every message emits `close` in the end; the error is made only where it is needed, because making one costs more
    // than the rest of this function.
    incoming.on("close", () => {
      if (!incoming.readableEnded) reject(new Error("the connection was closed"));
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
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

async function readAll(request: Request, { mostBytes, outgrown }: Limits): Promise<Uint8Array> {
  if (!outgrown) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isSmall = true;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk);
    if (!isSmall || size <= smallBody) continue;
    isSmall = false;
    await outgrown();
  }
  return join(chunks, size);
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(mostBytes: number): DheeraError {
  return new DheeraError(
    "request_too_large",
    `the body is larger than the ${mostBytes / 1_000_000} MB allowed (general_settings.max_request_size_mb); send fewer documents at a time`,
  );
}
