import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";

import { DheeraError } from "@dheera-ai/core";

/** Bytes. A text of the runtime cannot be much longer. */
const mostBytes = 512_000_000;

/**
 * Reads a body as JSON.
 * @throws DheeraError `request_too_large` before the rest is read, `invalid_request` for what is not JSON, `cancelled`
 * when the client goes away before the end
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request);
  if (!isUtf8(bytes)) throw new DheeraError("invalid_request", "the body is not UTF-8");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    // The parser's own message quotes the text.
    throw new DheeraError("invalid_request", "the body is not JSON");
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) continue;
      length += chunk.length;
      if (length > mostBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof DheeraError) throw error;
    throw new DheeraError("cancelled", "the client went away before it had sent its request", { cause: error });
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, length);
}

function tooLarge(): DheeraError {
  return new DheeraError(
    "request_too_large",
    `the body is larger than ${mostBytes / 1_000_000} MB; send fewer documents`,
  );
}
