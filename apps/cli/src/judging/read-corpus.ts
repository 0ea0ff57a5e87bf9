import { readFile, readdir, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";

import type { CorpusDocument } from "@dheera-ai/eval";

import { decodeText } from "../decode-text.ts";
import { describeFileError } from "../describe-file-error.ts";
import { UsageError } from "../errors.ts";
import { readDocumentFile } from "../read-documents.ts";
import { CorpusBuilder } from "./corpus-builder.ts";

/** The documents of a file or a folder. */
export interface ReadCorpus {
  readonly documents: readonly CorpusDocument[];
  /** Files of a folder that are of another kind. */
  readonly ignored: number;
}

/**
 * Reads a file as `dheera_ai rerank --file` does, or each file of a folder: a text file is one document, named by its
 * path.
 * @throws UsageError naming the file, and the line at fault
 */
export async function readCorpus(path: string): Promise<ReadCorpus> {
  const builder = new CorpusBuilder();
  const found = await stat(path).catch(failed(path));
  let ignored = 0;
  if (found.isDirectory()) {
    const files = await readdir(path, { recursive: true, withFileTypes: true }).catch(failed(path));
    const visible = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    for (const file of visible.sort()) {
      const name = relative(path, file).split(sep).join("/");
      if (/(^|\/)\./.test(name)) continue;
      const extension = extname(file).toLowerCase();
      if (recordExtensions.has(extension)) await addRecords(builder, file);
      else if (textExtensions.has(extension)) builder.add(await readWhole(file), file, name.replaceAll(/\s/g, "_"));
      else ignored++;
    }
  } else {
    await addRecords(builder, path);
  }
  if (builder.documents.length === 0)
    throw new UsageError(`--documents ${path}: there are no documents in it: .jsonl, .json, .csv, .tsv, .txt or .md`);
  return { documents: builder.documents, ignored };
}

const recordExtensions: ReadonlySet<string> = new Set([".jsonl", ".ndjson", ".json", ".csv", ".tsv"]);
const textExtensions: ReadonlySet<string> = new Set([".txt", ".text", ".md", ".markdown", ".rst", ".adoc"]);

async function addRecords(builder: CorpusBuilder, file: string): Promise<void> {
  const documents = await readDocumentFile(file, "--documents");
  for (const [index, document] of documents.entries()) builder.add(document, `${file}: document ${index + 1}`);
}

async function readWhole(file: string): Promise<string> {
  return decodeText(await readFile(file).catch(failed(file)), file);
}

function failed(path: string): (error: unknown) => never {
  return (error) => {
    const reason = describeFileError(error);
    throw reason === undefined
      ? error
      : new UsageError(`--documents ${path} cannot be read: ${reason}`, { cause: error });
  };
}
