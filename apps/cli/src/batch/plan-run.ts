import { createHash } from "node:crypto";
import { access, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

import { UsageError } from "../errors.ts";
import { requireWritable } from "../measuring/open-measurement.ts";
import type { BatchOptions } from "./batch-options.ts";
import { type BatchFormat, formatOf } from "./formats.ts";
import type { BatchInput } from "./reading/open-items.ts";
import { loadParquetWriter } from "./writing/write-parquet.ts";

/** What is read, asked and written, as the options say it. */
export interface RunPlan {
  readonly input: BatchInput;
  /** A file, or `-` for standard output. */
  readonly output: string;
  readonly outputFormat: BatchFormat;
  /** Undefined where what failed is said on standard error. */
  readonly errors: string | undefined;
  /** Where a run keeps what it needs to go on. */
  readonly folder: string;
  /** Nobody could find it again. */
  readonly isTemporary: boolean;
  /** Fields of requests that do not have them. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Of requests that name none, as whoever ranks calls it. */
  readonly model: string | undefined;
  /** Texts of the request are needed for the output. */
  readonly needsRequests: boolean;
  /** The batch runs at a proxy. */
  readonly isAtProxy: boolean;
  /** Of everything that the results follow from. */
  readonly settings: string;
}

/** @throws UsageError before anything is read */
export async function planRun(path: string, options: BatchOptions): Promise<RunPlan> {
  const { output, model, api_base: base, config } = options;
  if (config !== undefined && base !== undefined)
    throw new UsageError("--config and --api_base both say where the model is; give one");
  const isAtProxy =
    base !== undefined && (model === undefined || !model.includes("/") || model.startsWith("dheera_ai/"));
  if (!isAtProxy && model === undefined && config === undefined)
    throw new UsageError("--model is missing; or --config, where each request names its model");
  if (isAtProxy && options.max_cost !== undefined)
    throw new UsageError(
      "--max_cost is held by this process, and a proxy runs the batch; give its key a budget: dheera_ai keys new --max_budget",
    );
  const inputFormat = options.input_format ?? formatOf(path, formatByName(path) ?? options.format, "--format");
  const outputFormat = formatOf(output, formatByName(output) ?? options.format, "--format");
  if (output === "-" && outputFormat === "parquet")
    throw new UsageError("Parquet is written to a file; name one with --output");
  if (outputFormat === "parquet") await loadParquetWriter();
  const errors = options.errors ?? (output === "-" ? undefined : `${output}.errors.jsonl`);
  await checkFiles(path, options, errors);
  const defaults = defaultsOf(options, outputFormat);
  return {
    input: { path, format: inputFormat, queries: options.queries, documents: options.documents },
    output,
    outputFormat,
    errors,
    ...folderOf(path, options),
    defaults,
    model: isAtProxy ? model?.replace(/^dheera_ai\//, "") : model,
    needsRequests: outputFormat !== "jsonl",
    isAtProxy,
    settings: digest([model, config === undefined ? undefined : resolve(config), base, inputFormat, defaults]),
  };
}

function formatByName(path: string): BatchFormat | undefined {
  try {
    return path === "-" ? undefined : formatOf(path, undefined, "");
  } catch {
    return undefined;
  }
}

/** Refuses before anything is paid for what could not be read, or written afterwards. */
async function checkFiles(
  path: string,
  { output, errors: given, queries, documents }: BatchOptions,
  errors: string | undefined,
): Promise<void> {
  const inputs = filesOf([path, queries, documents]);
  for (const file of inputs)
    await access(file).catch(() => {
      throw new UsageError(`${file} cannot be read: there is no such file, or this user may not open it`);
    });
  if (output !== "-") await requireWritable("--output", output);
  if (given !== undefined) await requireWritable("--errors", given);
  const written = filesOf([output, errors]).map((file) => resolve(file));
  const clash = inputs.find((file) => written.includes(resolve(file)));
  if (clash !== undefined) throw new UsageError(`${clash} is read and written; name another file with --output`);
  if (new Set(written).size < written.length) throw new UsageError("--output and --errors are the same file");
}

function filesOf(named: readonly (string | undefined)[]): readonly string[] {
  return named.flatMap((file) => (file === undefined || file === "-" ? [] : [file]));
}

function folderOf(path: string, { output, progress }: BatchOptions): Pick<RunPlan, "folder" | "isTemporary"> {
  if (progress !== undefined) return { folder: progress, isTemporary: false };
  if (output !== "-") return { folder: `${output}.progress`, isTemporary: false };
  if (path !== "-") return { folder: `${path}.progress`, isTemporary: false };
  return { folder: join(tmpdir(), `dheera-ai-batch-${process.pid}`), isTemporary: true };
}

/** Fields of `POST /v1/rerank`, by the options of the same names. Tables have the texts of the request itself. */
function defaultsOf(options: BatchOptions, format: BatchFormat): Readonly<Record<string, unknown>> {
  const { top_n, return_documents, instruction, long_documents, raw_scores, normalize } = options;
  return {
    ...(top_n !== undefined && { top_n }),
    ...(return_documents && format === "jsonl" && { return_documents }),
    ...(instruction !== undefined && { instruction }),
    ...(long_documents !== undefined && { long_documents }),
    ...(raw_scores !== undefined && { raw_scores }),
    ...(normalize !== undefined && { normalize }),
  };
}

/** What identifies files without reading them: whose name, size and time are the same is the same. */
export async function identityOf({ path, queries, documents }: BatchInput): Promise<string> {
  const files = [path, queries, documents].filter((file) => file !== undefined);
  const parts = files.map(async (file) => {
    if (file === "-") return "-";
    const { size, mtimeMs } = await stat(file);
    return [basename(file), size, mtimeMs];
  });
  return digest(await Promise.all(parts));
}

export function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
