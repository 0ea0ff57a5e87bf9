/**
 * Starts a process that reads a file, prints its id, has it run a statement, and hears nothing from then on:
 * `start-reader.ts <path> <statement>`.
 */
import { setImmediate as turn } from "node:timers/promises";

import { Reader } from "../database/reader/reader.ts";

const [, , path = "", statement = ""] = process.argv;
const reader = new Reader(path);
await reader.read("select 1", [], 600_000);
console.log(reader.pid);
reader.read(statement, [], 600_000).catch(() => {});
await turn();
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
