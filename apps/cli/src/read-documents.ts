import type { JsonDocument } from "@dheera-ai/core";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import * as v from "valibot";

import { decodeText } from "./decode-text.ts";
import { describeFileError } from "./describe-file-error.ts";

import type { Input } from "./terminal.ts";
import { UsageError } from "./errors.ts";

/** Where the documents of a rerank come from; operands win over a file, and a file over standard input. */
export interface DocumentSource {
  /** Given on the command line. */
  readonly operands: readonly string[];
  /** A path, or `-` for standard input. */
  readonly file?: string;
  readonly input: Pick<Input, "interactive" | "read">;
}

/**
 * The documents to rank: those of the command line, or those of a file (`.json`: a list; `.jsonl`: one JSON value a
 * line; `.csv` and `.tsv`: a record a row, under the names of the first row; else one text a line), or those piped in,
 * where a list or objects are recognised as JSON.
 * @throws UsageError naming the file, and the line or position at fault.
 */
export async function readDocuments(source: DocumentSource): Promise<readonly JsonDocument[]> {
  if (source.operands.length > 0 && source.file !== undefined)
    throw new UsageError("documents are given twice: on the command line and with --file");
  const documents = source.operands.length > 0 ? source.operands : await readSource(source);
  if (documents.length === 0) throw new UsageError("there are no documents: the input is empty");
  return documents;
}

async function readSource({ file, input }: DocumentSource): Promise<readonly JsonDocument[]> {
  if (file !== undefined && file !== "-") return parseNamed(file, await readNamed(file));
  if (input.interactive)
    throw new UsageError("there are no documents: give them as arguments, with --file, or through a pipe");
  return parseUnnamed(decodeText(await input.read(), standardInput));
}

/**
 * The documents of a file, by its extension as above.
 * @param option that named it, for errors
 * @throws UsageError
 */
export async function readDocumentFile(file: string, option: string): Promise<readonly JsonDocument[]> {
  return parseNamed(file, await readNamed(file, option));
}

async function readNamed(file: string, option = "--file"): Promise<string> {
  try {
    return decodeText(await readFile(file), file);
  } catch (error) {
    const reason = describeFileError(error);
    throw reason === undefined
      ? error
      : new UsageError(`${option} ${file} cannot be read: ${reason}`, { cause: error });
  }
}

async function parseNamed(file: string, content: string): Promise<readonly JsonDocument[]> {
  const extension = extname(file).toLowerCase();
  if (extension === ".json") return checkDocuments(parseJson(content, file), file);
  if (extension === ".jsonl" || extension === ".ndjson") return parseLines(content, file);
  const delimiter = delimiters.get(extension);
  if (delimiter === undefined) return lines(content);
  // Brings a parser of a dozen files, which few commands need.
  const { parseTable } = await import("./read-table.ts");
  return parseTable(content, delimiter, file);
}

const delimiters: ReadonlyMap<string, string> = new Map([
  [".csv", ","],
  [".tsv", "\t"],
]);

const standardInput = "standard input";

function parseUnnamed(content: string): readonly JsonDocument[] {
  const start = content.trimStart().slice(0, 1);
  if (start === "[" && isJson(content)) return checkDocuments(JSON.parse(content), standardInput);
  if (start === "{" && lines(content).every(isJson)) return parseLines(content, standardInput);
  return lines(content);
}

function parseLines(content: string, name: string): JsonDocument[] {
  // Lines are numbered before empty ones are dropped, so that the number is the one that an editor shows.
  const numbered = content.split("\n").map((line, at) => ({ line, where: `${name}:${at + 1}` }));
  return numbered
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, where }) => checkDocument(parseJson(line, where), where));
}

/** Texts, one a line; line ends and empty lines are dropped. */
function lines(content: string): string[] {
  return content.split(/\r?\n/).filter((line) => line.trim() !== "");
}

function parseJson(content: string, where: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    // The message of the JavaScript engine quotes the text, and documents must not appear in messages.
    throw new UsageError(`${where} is not valid JSON`, { cause: error });
  }
}

function isJson(content: string): boolean {
  try {
    JSON.parse(content);
    return true;
  } catch {
    return false;
  }
}

const documentSchema = v.union([v.string(), v.record(v.string(), v.unknown())]);

function checkDocuments(value: unknown, name: string): JsonDocument[] {
  if (!Array.isArray(value))
    throw new UsageError(`${name} must hold a list of documents: ["…", "…"] or [{ "text": "…" }, …]`);
  return value.map((document, at) => checkDocument(document, `${name}: document ${at}`));
}

function checkDocument(value: unknown, where: string): JsonDocument {
  const checked = v.safeParse(documentSchema, value);
  if (!checked.success || Array.isArray(value)) throw new UsageError(`${where} is neither a text nor an object`);
  return checked.output;
}
