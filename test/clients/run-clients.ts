import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Question } from "./client-under-test.ts";
import type { ClientReport } from "./rank-with-client.ts";
import type { ScriptedProxy } from "./scripted-proxy.ts";

const program = fileURLToPath(new URL("rank-with-client.ts", import.meta.url));
const folder = new URL("programs/", import.meta.url);

export const question = {
  query: "What is the capital of the United States?",
  documents: [
    "Carson City is the capital city of the American state of Nevada.",
    "The Commonwealth of the Northern Mariana Islands is a group of islands in the Pacific Ocean. Its capital is Saipan.",
    "Washington, D.C. is the capital of the United States. It is a federal district.",
    "Capital punishment has existed in the United States since before it was a country.",
  ],
  topN: 3,
} as const;

/** Files that hold a client, not what several of them share. */
export async function clientFiles(): Promise<readonly string[]> {
  const entries = (await readdir(folder, { recursive: true })).toSorted();
  const files = entries.filter((entry) => entry.endsWith(".ts"));
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
  return files.filter((_, index) => texts[index]?.includes("export const client"));
}

/** Runs one client in each situation, as a user's program. */
export async function runClient(file: string, { url, key, wrong_key, models }: ScriptedProxy): Promise<ClientReport> {
  const ask = (model: string, asKey = key): Question => ({ url, key: asKey, model, ...question });
  const places = {
    ranks: ask(models.ranks),
    uncounted: ask(models.ranks_uncounted),
    unauthorized: ask(models.ranks, wrong_key),
    refused: ask(models.refuses),
    limited: ask(models.is_limited),
  };
  const { stdout } = await promisify(execFile)(process.execPath, [program, file, JSON.stringify(places)]);
  return JSON.parse(stdout);
}

/** The version of a package that ran. */
export async function installedVersion(name: string): Promise<string> {
  const text = await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8");
  return String(JSON.parse(text).version);
}
