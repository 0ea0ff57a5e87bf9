export type {
  BatchCounts,
  BatchProblem,
  BatchRecord,
  BatchStatus,
  Claim,
  FilePart,
  FileRecord,
  KeptLine,
  NewShard,
  OpenUpload,
  Page,
  Queue,
  ShardResult,
  Store,
  StoredName,
  Suspicion,
  UploadLimits,
} from "./contract.ts";
export { type BatchTotals, type Batches, type BatchesOptions, openBatches } from "./open-batches.ts";
export type { BatchSettings } from "./settings.ts";
export type { NewFile } from "./files/upload-file.ts";
export { type NewBatch, batchEndpoints } from "./batches/create-batch.ts";
export type { LineAnswer } from "./batches/result-line.ts";
export type { Work } from "./worker/start-work.ts";
export type { BatchLine, RankLine, WorkOptions } from "./worker/work-options.ts";
export { openQueue } from "./open-queue.ts";
export { openStore } from "./open-store.ts";
export type { S3Settings } from "./store/s3-store.ts";
