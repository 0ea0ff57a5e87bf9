import { fileURLToPath } from "node:url";

/** The program of a process that reads: beside what is built, or the source where this runs from source. */
export function readerProgram(here: string = import.meta.url): string {
  return fileURLToPath(new URL(here.endsWith(".ts") ? "./main.ts" : "./sqlite-reader.js", here));
}
