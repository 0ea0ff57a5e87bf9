import { join } from "node:path";

import { type RankLine, openBatches, openQueue, openStore } from "@dheera-ai/batch";

import { Failure } from "../../errors.ts";
import type { BatchPlace } from "./batch-place.ts";

export interface HereOptions {
  readonly folder: string;
  readonly rankLine: RankLine;
  /** Lines at one time. */
  readonly concurrency: number;
  /** Told of what should be known, free of texts and keys. */
  readonly onTrouble: (message: string) => void;
}

/** A batch in this process: its parts and its queue in a folder, so that another process can go on with it. */
export async function openHere({ folder, rankLine, concurrency, onTrouble }: HereOptions): Promise<BatchPlace> {
  const store = await openStore(join(folder, "parts"));
  const queue = await openQueue(folder);
  // Whoever runs it has the disk.
  const settings = { maxLineBytes: mostLineBytes, maxFileBytes: Infinity, maxLines: Infinity, filesExpireAfter: aYear };
  const { files, batches, work, close } = openBatches({ store, queue, settings });
  const find = async (id: string) => {
    const batch = await batches.find(id);
    if (!batch) throw new Failure(`${folder} has lost the batch ${id}; --overwrite begins anew`);
    return batch;
  };
  let working: ReturnType<typeof work> | undefined;
  return {
    pace: 100,
    mostLineBytes,
    isElsewhere: false,
    upload: async (bytes, filename) => (await files.create({ owner: "", filename, purpose: "batch", bytes })).id,
    create: async (inputFileId) =>
      (await batches.create({ owner: "", inputFileId, endpoint: "/v1/rerank", completionWindow: "30d" })).id,
    findOf: async (fileId) =>
      (await batches.list({ limit: 100 })).find(({ inputFileId }) => inputFileId === fileId)?.id,
    work: () => void (working = work({ rankLine, concurrency, onTrouble })),
    rest: async () => await working?.close(),
    async find(id) {
      const { status, counts, cost, pausedFor, outputFileId, errorFileId, problems } = await find(id);
      return {
        status,
        ...counts,
        cost,
        pausedFor,
        outputFileId,
        errorFileId,
        problems: problems.map(({ message, line }) => (line === undefined ? message : `line ${line}: ${message}`)),
      };
    },
    cancel: async (id) => void (await batches.cancel(id)),
    async *content(id) {
      const file = await files.find(id);
      if (!file) throw new Failure(`${folder} has lost the file ${id}; --overwrite begins anew`);
      yield* files.content(file);
    },
    [Symbol.asyncDispose]: close,
  };
}

const mostLineBytes = 16_000_000;
const aYear = 365 * 86_400_000;
