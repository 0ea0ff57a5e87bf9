import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import * as v from "valibot";

import { defineCommand } from "../../command-line/define-command.ts";
import { text } from "../../command-line/values.ts";
import { describeFileError } from "../../describe-file-error.ts";
import { fit } from "../../drawing/fit.ts";
import { Failure, UsageError } from "../../errors.ts";
import type { Terminal } from "../../terminal.ts";
import { type ManagedProxy, openProxy } from "../ask-proxy.ts";
import { proxyOptions, proxySchema } from "../proxy-options.ts";
import { type Row, readRow, textOf } from "../rows.ts";

interface DownloadOptions {
  readonly output: string;
  readonly errors?: string | undefined;
  readonly api_base: string;
  readonly api_key?: string | undefined;
}

export const downloadBatch = defineCommand<DownloadOptions>({
  name: "batches download",
  summary: "Get what a batch has found, as it is: JSON lines of OpenAI's batches",
  usage: ["BATCH --output FILE --api_base URL"],
  operands: "BATCH",
  options: {
    output: { short: "o", value: "FILE", help: "results go here; - is standard output (-)" },
    errors: { value: "FILE", help: "what failed goes here" },
    ...proxyOptions,
  },
  schema: v.object({ output: v.optional(text, "-"), errors: v.optional(text), ...proxySchema }),
  examples: [
    "dheera_ai batches download batch_0a1b2c --output ranked.jsonl --errors failed.jsonl --api_base http://localhost:4000",
  ],
  async run({ options, operands: [batchId, ...more] }, terminal) {
    if (batchId === undefined || more.length > 0) throw new UsageError("batches download wants one BATCH");
    const { api_base: base, output, errors } = options;
    await using proxy = await openProxy(options, terminal);
    const batch = readRow(await proxy.ask("GET", `/v1/batches/${encodeURIComponent(batchId)}`), base);
    const status = textOf(batch, "status");
    if (!["completed", "cancelled", "expired", "failed"].includes(status))
      throw new Failure(`${fit(batchId, 60)} has not ended (${fit(status, 40)}); its files are made when it has`);
    await download(proxy, batch, "output_file_id", output, terminal);
    if (errors !== undefined) await download(proxy, batch, "error_file_id", errors, terminal);
    return 0;
  },
});

/** An empty file where the batch has none: scripts find one in any case. */
async function download(
  proxy: ManagedProxy,
  batch: Row,
  name: "output_file_id" | "error_file_id",
  target: string,
  { output }: Terminal,
): Promise<void> {
  const id = textOf(batch, name);
  const content = id === "" ? [] : proxy.stream(`/v1/files/${encodeURIComponent(id)}/content`);
  if (target === "-") {
    for await (const bytes of content) await output.write(bytes);
    return;
  }
  // Nobody takes a part of it for the whole.
  const part = `${target}.part`;
  try {
    await pipeline(Readable.from(content), createWriteStream(part, { flush: true }));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    const reason = describeFileError(error);
    throw reason === undefined ? error : new Failure(`${target} cannot be written: ${reason}`, { cause: error });
  }
}
