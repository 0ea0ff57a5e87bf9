import { execFile } from "node:child_process";
import { cp, readFile } from "node:fs/promises";
import { basename, delimiter, dirname, join, matchesGlob, relative } from "node:path";
import { promisify } from "node:util";

import { type Dockerfile, type Instruction, Keyword } from "dockerfile-ast";
import * as v from "valibot";

/** What takes the place of the image's folders. */
export interface Places {
  /** Of the working directory. */
  readonly source: string;
  /** Of these folders: `/app`. */
  readonly folders: Readonly<Record<string, string>>;
}

/**
 * Does here what stages of a Dockerfile do in their images, `COPY` and `RUN` word for word. What fetches pnpm and
 * packages is left out: this machine has them.
 * @param stages each stands on the one before it
 */
export async function runBuildStages(
  stages: readonly (readonly Instruction[])[],
  root: string,
  places: Places,
): Promise<void> {
  const environment: Record<string, string> = {};
  const ignored = await readIgnored(root);
  for (const instruction of stages.flat()) {
    if (instruction.getKeyword() === Keyword.ENV) Object.assign(environment, variablesOf(instruction));
    if (instruction.getKeyword() === Keyword.COPY) await copy(instruction, root, places.source, ignored);
    if (instruction.getKeyword() === Keyword.RUN && !fetches(instruction)) await run(instruction, places, environment);
  }
}

/** The instructions of each stage. */
export function stagesOf(dockerfile: Dockerfile): readonly (readonly Instruction[])[] {
  const stages: Instruction[][] = [];
  for (const instruction of dockerfile.getInstructions()) {
    if (instruction.getKeyword() === Keyword.FROM) stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

/** The words of an instruction in JSON form, such as `CMD ["node", "main.js"]`. */
export function wordsOf(instruction: Instruction | undefined): readonly string[] {
  const list = /\[.*\]/s.exec(instruction?.getRawArgumentsContent() ?? "")?.[0] ?? "[]";
  return v.parse(v.array(v.string()), JSON.parse(list));
}

function fetches(instruction: Instruction): boolean {
  return /^(npm install --global pnpm@[\d.]+|pnpm fetch)$/.test(textOf(instruction));
}

/** The patterns of `.dockerignore`. */
async function readIgnored(root: string): Promise<readonly string[]> {
  const lines = (await readFile(join(root, ".dockerignore"), "utf8")).split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

async function copy(instruction: Instruction, root: string, source: string, ignored: readonly string[]): Promise<void> {
  const filter = (file: string): boolean => !ignored.some((pattern) => matchesGlob(relative(root, file), pattern));
  const paths = textOf(instruction).split(/\s+/);
  const target = paths.pop() ?? "";
  for (const path of paths) {
    const destination = target.endsWith("/") ? join(source, target, basename(path)) : join(source, target);
    await cp(join(root, path), destination, { recursive: true, filter });
  }
}

async function run(
  instruction: Instruction,
  { source, folders }: Places,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const command = Object.entries(folders).reduce(
    (text, [folder, place]) => text.replaceAll(new RegExp(`(?<=\\s)${folder}\\b`, "g"), place),
    textOf(instruction),
  );
  const { HOME, PATH } = process.env;
  const env = { HOME, PATH: [dirname(process.execPath), PATH].join(delimiter), ...environment };
  await promisify(execFile)("sh", ["-c", command], { cwd: source, env }).catch((error: { readonly stdout: string }) => {
    // pnpm says on standard output what failed, and an error of `execFile` shows only the other stream.
    throw new Error(`This failed: ${command}\n${error.stdout}`, { cause: error });
  });
}

function variablesOf(instruction: Instruction): Readonly<Record<string, string>> {
  return Object.fromEntries(
    textOf(instruction)
      .split(/\s+/)
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}

function textOf(instruction: Instruction): string {
  return (instruction.getArgumentsContent() ?? "").trim();
}
