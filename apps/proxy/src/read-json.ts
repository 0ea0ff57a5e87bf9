import { DheeraError, isDheeraError } from "@dheera-ai/core";

/** Deeper data is refused: it is no document, and what walks through it could run out of stack. */
const deepest = 100;

/**
 * Reads a request's body as JSON, whatever content type it claims: clients get that wrong.
 * @throws DheeraError `request_too_large` beyond `mostBytes`, before the rest is read; `invalid_request` for what is not JSON;
 * `cancelled` when the client goes away before it has sent everything
 */
export async function readJson(request: Request, mostBytes: number): Promise<unknown> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > mostBytes) throw tooLarge(mostBytes);
  let bytes: ArrayBuffer | Uint8Array;
  try {
    // The server holds a body to the length it announced, so only bodies without one need counting.
    bytes = length === null ? await readCounted(request, mostBytes) : await request.arrayBuffer();
  } catch (error) {
    if (isDheeraError(error)) throw error;
    throw new DheeraError("cancelled", "the client went away before it had sent the whole body", { cause: error });
  }
  const value = parse(decode(bytes));
  if (isDeeperThan(deepest, value)) throw new DheeraError("invalid_request", `the body is nested more than ${deepest} levels deep`);
  return value;
}

async function readCounted({ body }: Request, mostBytes: number): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new DheeraError("invalid_request", "the body is not valid UTF-8", { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's own message quotes the text.
    const reason = text.trim() === "" ? "the body is empty" : "the body is not valid JSON";
    throw new DheeraError("invalid_request", `${reason}; send a JSON object with model, query and documents`, { cause: error });
  }
}

/** Goes no deeper than it allows, so it cannot run out of stack itself. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) if (isDeeperThan(levels - 1, item)) return true;
  return false;
}

function tooLarge(mostBytes: number): DheeraError {
  return new DheeraError(
    "request_too_large",
    `the body is larger than the ${mostBytes / 1_000_000} MB allowed (general_settings.max_request_size_mb); send fewer documents at a time`,
  );
}
