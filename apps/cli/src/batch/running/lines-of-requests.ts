import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";

import { type BatchItem, type BatchRequest, isBroken } from "../reading/batch-item.ts";
import { tooLong } from "../reading/lines-of.ts";
import { customIdOf } from "./custom-id.ts";

/** What was counted while an input was read. */
export interface InputCounts {
  requests: number;
  pairs: number;
  broken: number;
}

export interface LinesOptions {
  /** Of requests that name none. */
  readonly model: string | undefined;
  /** Fields of requests that do not have them. */
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly mostLineBytes: number;
  /** For items that are no requests: a JSON line each. */
  readonly brokenFile: string;
  readonly counts: InputCounts;
}

const chunkBytes = 65_536;

/** Requests as lines of OpenAI's batches, as bytes; what is broken goes into a file of its own, in the order of the input. */
export async function* linesOfRequests(
  items: AsyncIterable<BatchItem>,
  options: LinesOptions,
): AsyncGenerator<Uint8Array> {
  const { counts } = options;
  const broken = createWriteStream(options.brokenFile, { flush: true });
  // A full disk is told by what waits for the stream.
  broken.on("error", () => {});
  let held: Buffer[] = [];
  let size = 0;
  try {
    for await (const item of items) {
      const line = isBroken(item) ? item : lineOf(item, options);
      if ("problem" in line) {
        counts.broken++;
        if (!broken.write(`${JSON.stringify({ line: line.line, id: line.id, problem: line.problem })}\n`))
          await once(broken, "drain");
        continue;
      }
      counts.requests++;
      counts.pairs += line.pairs;
      held.push(line.bytes);
      size += line.bytes.length;
      if (size < chunkBytes) continue;
      yield Buffer.concat(held, size);
      held = [];
      size = 0;
    }
    if (size > 0) yield Buffer.concat(held, size);
    broken.end();
    await finished(broken);
  } finally {
    broken.destroy();
  }
}

type Line =
  | { readonly bytes: Buffer; readonly pairs: number }
  | { readonly line: number; readonly id?: string | undefined; readonly problem: string };

function lineOf(item: BatchRequest, { model, defaults, mostLineBytes }: LinesOptions): Line {
  const { line, id } = item;
  const body = { ...defaults, ...item.body };
  const asked = body["model"] ?? model;
  if (typeof asked !== "string" || asked === "")
    return { line, id, problem: '"model" is missing; name one here or with --model' };
  const text = JSON.stringify({
    custom_id: customIdOf(item),
    method: "POST",
    url: "/v1/rerank",
    body: { ...body, model: asked },
  });
  const bytes = Buffer.from(`${text}\n`);
  if (bytes.length > mostLineBytes) return { line, id, problem: tooLong(mostLineBytes) };
  const { documents } = item.body;
  return { bytes, pairs: Array.isArray(documents) ? documents.length : 0 };
}
