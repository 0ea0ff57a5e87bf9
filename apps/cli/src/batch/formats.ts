import { UsageError } from "../errors.ts";

export const batchFormats = ["jsonl", "csv", "parquet", "trec"] as const;

export type BatchFormat = (typeof batchFormats)[number];

/**
 * The format that a file's name tells, packed or not.
 * @param option that says it where the name does not, for the error
 * @throws UsageError
 */
export function formatOf(path: string, given: BatchFormat | undefined, option: string): BatchFormat {
  if (given !== undefined) return given;
  // What comes through a pipe is mostly JSON.
  if (path === "-") return "jsonl";
  const found = endings.find(([, ending]) => ending.test(path))?.[0];
  if (found === undefined)
    throw new UsageError(
      `${path}: its name does not tell its format (.jsonl, .csv, .tsv, .parquet, .run); say it with ${option}: ${batchFormats.join(", ")}`,
    );
  return found;
}

const endings: readonly (readonly [BatchFormat, RegExp])[] = [
  ["jsonl", /\.(?:jsonl|ndjson)(?:\.gz)?$/i],
  ["csv", /\.(?:csv|tsv)(?:\.gz)?$/i],
  ["parquet", /\.(?:parquet|pq)$/i],
  ["trec", /\.(?:run|trec)(?:\.gz)?$/i],
];
