import { randomUUID } from "node:crypto";

import * as v from "valibot";

import { Failure } from "../../errors.ts";
import { type ManagedProxy, openProxy, type ProxyAddress } from "../../managing/ask-proxy.ts";
import { readRow, readRows, textOf } from "../../managing/rows.ts";
import type { Terminal } from "../../terminal.ts";
import { type BatchPlace, type BatchState, hasEnded } from "./batch-place.ts";

/** A batch that a proxy runs, by its `/v1/files` and `/v1/batches`. */
export async function openAtProxy(address: ProxyAddress, terminal: Terminal): Promise<BatchPlace> {
  const proxy = await openProxy(address, terminal);
  const { api_base: base } = address;
  return {
    pace: 1_000,
    // The default of a proxy's `max_line_bytes`.
    mostLineBytes: 4_000_000,
    isElsewhere: true,
    upload: (bytes, name) => upload(proxy, base, bytes, name),
    async create(input_file_id) {
      const asked = { input_file_id, endpoint: "/v1/rerank", completion_window: "24h" };
      return idOf(await proxy.ask("POST", "/v1/batches", asked), base);
    },
    async findOf(fileId) {
      const rows = readRows(await proxy.ask("GET", "/v1/batches", { limit: 100 }), "data", base);
      const found = rows.find((row) => textOf(row, "input_file_id") === fileId);
      return found && textOf(found, "id");
    },
    work: () => {},
    rest: async () => {},
    find: async (id) => readState(await proxy.ask("GET", `/v1/batches/${id}`), base),
    async cancel(id) {
      try {
        await proxy.ask("POST", `/v1/batches/${id}/cancel`);
      } catch (error) {
        // It may have ended meanwhile, and then there is nothing to cancel.
        if (!hasEnded(readState(await proxy.ask("GET", `/v1/batches/${id}`), base))) throw error;
      }
    },
    content: (id) => proxy.stream(`/v1/files/${id}/content`),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

async function upload(
  proxy: ManagedProxy,
  base: string,
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): Promise<string> {
  const boundary = `dheera-${randomUUID()}`;
  const answer = await proxy.send(
    "/v1/files",
    `multipart/form-data; boundary=${boundary}`,
    form(bytes, name, boundary),
  );
  return idOf(answer, base);
}

/** The parts of the form as they are sent: what is uploaded is never held as a whole. */
async function* form(bytes: AsyncIterable<Uint8Array>, name: string, boundary: string): AsyncGenerator<Uint8Array> {
  const text = (lines: readonly string[]): Uint8Array => Buffer.from(lines.join("\r\n"));
  const filename = name.replaceAll(/[^\w.-]+/g, "_");
  yield text([`--${boundary}`, 'content-disposition: form-data; name="purpose"', "", "batch", ""]);
  yield text([
    `--${boundary}`,
    `content-disposition: form-data; name="file"; filename="${filename}"`,
    "content-type: application/jsonl",
    "",
    "",
  ]);
  yield* bytes;
  yield text(["", `--${boundary}--`, ""]);
}

function idOf(answer: string, base: string): string {
  const id = textOf(readRow(answer, base), "id");
  if (!/^[\w-]+$/.test(id))
    throw new Failure(`${base} does not answer as a Dheera AI proxy does: no id; check --api_base`);
  return id;
}

const number = v.optional(v.number(), 0);
const fileId = v.nullish(v.pipe(v.string(), v.regex(/^[\w-]+$/)));

const schema = v.object({
  status: v.picklist([
    "validating",
    "failed",
    "in_progress",
    "finalizing",
    "completed",
    "expired",
    "cancelling",
    "cancelled",
  ]),
  request_counts: v.nullish(v.object({ total: number, completed: number, failed: number })),
  output_file_id: fileId,
  error_file_id: fileId,
  cost: v.nullish(v.number()),
  paused_for: v.nullish(v.string()),
  errors: v.nullish(
    v.object({ data: v.nullish(v.array(v.object({ message: v.string(), line: v.nullish(v.number()) }))) }),
  ),
});

function readState(answer: string, base: string): BatchState {
  const read = v.safeParse(schema, readRow(answer, base));
  if (!read.success) throw new Failure(`${base} does not answer as a Dheera AI proxy does; check --api_base`);
  const { status, request_counts, output_file_id, error_file_id, cost, paused_for, errors } = read.output;
  return {
    status,
    ...(request_counts ?? { total: 0, completed: 0, failed: 0 }),
    cost: cost ?? undefined,
    pausedFor: paused_for ?? undefined,
    outputFileId: output_file_id ?? undefined,
    errorFileId: error_file_id ?? undefined,
    problems: (errors?.data ?? []).map(({ message, line }) => (line ? `line ${line}: ${message}` : message)),
  };
}
