import { UsageError } from "../../errors.ts";
import type { Input } from "../../terminal.ts";
import type { BatchFormat } from "../formats.ts";
import type { BatchItem } from "./batch-item.ts";
import { openBytes } from "./open-bytes.ts";
import { readCsv } from "./read-csv.ts";
import { readJsonl } from "./read-jsonl.ts";
import { readParquet } from "./read-parquet.ts";
import { readTrec } from "./read-trec.ts";

export interface BatchInput {
  /** A file, or `-` for standard input. */
  readonly path: string;
  readonly format: BatchFormat;
  /** Texts that a run names. */
  readonly queries?: string | undefined;
  readonly documents?: string | undefined;
}

/**
 * What an input asks for, in its order; what is read at one time is bounded, but for runs.
 * @param most bytes of one request
 * @param seen told of the bytes of standard input as they come
 * @throws UsageError, DheeraError where it cannot be read at all
 */
export function openItems(
  input: BatchInput,
  terminal: Input,
  most: number,
  seen?: (bytes: Uint8Array) => void,
): AsyncGenerator<BatchItem> {
  const { path, format, queries, documents } = input;
  const name = path === "-" ? "standard input" : path;
  switch (format) {
    case "jsonl":
      return readJsonl(openBytes(path, terminal, seen), most);
    case "csv":
      return readCsv(openBytes(path, terminal, seen), { name, most });
    case "parquet":
      if (path === "-") throw new UsageError("Parquet is read from a file, because its last bytes say what it holds");
      return readParquet(path, most);
    case "trec":
      if (path === "-") throw new UsageError("a run is read from a file; name it");
      if (queries === undefined || documents === undefined)
        throw new UsageError("a run has no texts: --queries and --documents name the files that have them");
      return readTrec({ run: path, queries, documents });
  }
}
