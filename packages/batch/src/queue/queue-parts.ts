import type { Queue } from "../contract.ts";

/** What a queue keeps of files. */
export type FileQueue = Pick<
  Queue,
  "saveFile" | "findFile" | "partsOf" | "listFiles" | "removeFile" | "bytesOf" | "stored" | "expiredFiles"
>;

/** What a queue keeps of batches. */
export type BatchQueue = Pick<
  Queue,
  | "saveBatch"
  | "findBatch"
  | "changeBatch"
  | "listBatches"
  | "openBatches"
  | "endedBatches"
  | "noteEnded"
  | "removeBatch"
  | "linesLeft"
>;

/** What a queue keeps of uploads that have not ended. */
export type UploadQueue = Pick<Queue, "holdUpload" | "releaseUpload">;
