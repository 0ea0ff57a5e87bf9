import type { IncomingMessage, ServerResponse } from "node:http";

/** What the stand-in does wrong with one request. */
export type Fault =
  /** Ends the connection after so many bytes of the body. */
  | { readonly kind: "cut"; readonly after: number }
  /** Sends so many bytes and then nothing, without an end. */
  | { readonly kind: "stall"; readonly after: number }
  /** Sends all of it without saying how much that is, and never ends. */
  | { readonly kind: "endless" }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Other bytes than those of the file, as many. */
  | { readonly kind: "wrong-bytes" }
  /** Announces the length of the file, or nothing, and sends more. */
  | { readonly kind: "too-much"; readonly more: number }
  | { readonly kind: "lying-length"; readonly length: number }
  /** Answers a request for a part with all of it. */
  | { readonly kind: "no-ranges" }
  /** Answers a request for a part with another one. */
  | { readonly kind: "wrong-range" }
  | { readonly kind: "redirect"; readonly to: string }
  /** Headers in place of those that are right. */
  | { readonly kind: "headers"; readonly headers: Readonly<Record<string, string>> };

/** Sends a file or the part that is asked for, as a CDN does, unless a fault says otherwise. */
export function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  headers: Readonly<Record<string, string>>,
  fault: Fault | undefined,
): void {
  const start = fault?.kind === "no-ranges" ? undefined : rangeStart(request);
  if (start !== undefined && start >= content.length) {
    response.writeHead(416, { ...headers, "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const from = (start ?? 0) - (fault?.kind === "wrong-range" ? 1 : 0);
  const part = fault?.kind === "wrong-bytes" ? Buffer.alloc(content.length - from, "x") : content.subarray(from);
  const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
  const length = fault?.kind === "lying-length" ? fault.length : part.length;
  const isOpen = fault?.kind === "too-much" || fault?.kind === "endless";
  response.writeHead(start === undefined ? 200 : 206, {
    ...headers,
    "accept-ranges": "bytes",
    ...(start !== undefined && range),
    ...(!isOpen && { "content-length": String(length) }),
  });
  if (request.method === "HEAD") return void response.end();
  if (fault?.kind === "cut") return void response.write(part.subarray(0, fault.after), () => response.destroy());
  if (fault?.kind === "stall") return void response.write(part.subarray(0, fault.after));
  if (fault?.kind === "endless") return void response.write(part);
  if (fault?.kind === "lying-length") return void response.write(part, () => response.destroy());
  response.end(fault?.kind === "too-much" ? Buffer.concat([part, Buffer.alloc(fault.more)]) : part);
}

function rangeStart({ headers }: IncomingMessage): number | undefined {
  const start = /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}
