/**
 * A process that reads a file of SQLite for another one, which goes on meanwhile: `main.ts <path>`. It takes statements as messages, and
 * ends with the process that started it.
 */
import { fileURLToPath } from "node:url";
import { isMainThread, workerData } from "node:worker_threads";

import { keepThread } from "./keep-thread.ts";
import { readInThread } from "./read-in-thread.ts";

// The thread runs this program too: built, it is one file.
if (isMainThread) keepThread(fileURLToPath(import.meta.url), process.argv[2] ?? "");
else readInThread(String(workerData));
