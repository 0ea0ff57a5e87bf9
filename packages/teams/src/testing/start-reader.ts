/** Starts a process that reads a file, prints its id, and waits to be killed: `start-reader.ts <path>`. */
import { Reader } from "../database/reader/reader.ts";

const reader = new Reader(process.argv[2] ?? "");
await reader.read("select 1", [], 600_000);
console.log(reader.pid);
setInterval(() => {}, 600_000);
