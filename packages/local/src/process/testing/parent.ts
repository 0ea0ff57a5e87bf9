import { setTimeout as sleep } from "node:timers/promises";

import { Children } from "../children.ts";
import { scriptedOptions } from "./scripted-children.ts";

/** A program with one scripted child, for tests of what becomes of it: `parent.ts <folder> <what it does> <documents>`. */
const [folder = "", what = "", ...documents] = process.argv.slice(2);
const children = new Children(scriptedOptions(folder));
const ask = async (): Promise<void> => {
  const { scores } = await children.score(
    { query: "q", documents, truncate: true, truncationDirection: "right", maxTokensPerDocument: undefined },
    new AbortController().signal,
  );
  console.log(`scores ${scores.join(" ")}`);
};

process.on("SIGINT", () => console.log("interrupted"));
if (what === "warms") {
  children.start("background").catch(() => {});
  await sleep(0);
} else if (what === "exits") {
  void ask();
  process.on("SIGTERM", () => process.exit(0));
} else if (what === "closes") {
  await ask();
  await children.close();
} else await ask();
console.log(`children ${children.pids.join(" ")}`);
if (what === "stays") await sleep(2 ** 31 - 1);
