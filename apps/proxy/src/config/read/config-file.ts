import {
  type Document,
  LineCounter,
  type YAMLError,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
} from "yaml";

import { ConfigError, type ConfigProblem } from "../config-error.ts";
import { adoptLiteLlmNames, hasLitellmNames, otherNames } from "./litellm-names.ts";
import { type Path, keyOf } from "./path.ts";
import { type DataRecord, isRecord } from "./record.ts";

/** The data of one file under the proxy's own names, with the location of each value in the text. */
export interface ConfigFile {
  readonly file: string;
  readonly data: DataRecord;
  /** Whether keys stand in it under LiteLLM's names, as they do in a file that was written for it. */
  readonly hasLitellmNames: boolean;
  /**
   * Makes a problem with the value at this path, or with the key itself. A value that the file lacks is located at the
   * map around it.
   */
  problem(path: Path, message: string, part?: "key" | "value"): ConfigProblem;
  /** Makes a line about the key at this path. */
  warning(path: Path, message: string): string;
}

/**
 * Reads YAML.
 * @throws ConfigError where the text is not YAML, repeats a key or is not a map.
 */
export function readConfigFile(text: string, file: string): ConfigFile {
  const lines = new LineCounter();
  // merge: LiteLLM reads YAML 1.1, where `<<: *anchor` is common.
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  if (document.errors.length > 0)
    throw new ConfigError(document.errors.map((error) => syntaxProblem(error, lines, file)));

  const problem: ConfigFile["problem"] = (path, message, part = "value") => {
    const { offset, written } = locate(document, path, part);
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), key: keyOf(written), message };
  };
  const data = readData(document, problem) ?? {};
  if (!isRecord(data)) throw new ConfigError([problem([], "must be a map with keys such as model_list")]);
  const written = withoutNulls(data);
  return {
    file,
    data: adoptLiteLlmNames(written),
    hasLitellmNames: hasLitellmNames(written),
    problem,
    warning: (path, message) => {
      const { line, key } = problem(path, message, "key");
      return `${file}:${line} ${key} ${message}`;
    },
  };
}

/** Aliases in YAML can grow without bound; the library throws in that case. */
function readData(document: Document, problem: ConfigFile["problem"]): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError([problem([], error instanceof Error ? error.message : "cannot be read")]);
  }
}

function syntaxProblem(error: YAMLError, lines: LineCounter, file: string): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0]);
  const message = error.code === "DUPLICATE_KEY" ? "this key stands here twice" : `is not YAML: ${error.message}`;
  return { file, line, column: col, key: "", message };
}

/** Removes keys without a value, because they count as absent. */
function withoutNulls(data: DataRecord): DataRecord {
  const entries = Object.entries(data).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, cleaned(value)]));
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return isRecord(value) ? withoutNulls(value) : value;
}

interface Location {
  readonly offset: number;
  /** The path as the file spells it. */
  readonly written: Path;
}

function locate(document: Document, path: Path, part: "key" | "value"): Location {
  const written: (string | number)[] = [];
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [position, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? findPair(node.items, String(step)) : undefined;
    written.push(pair?.key ?? step);
    if (pair && part === "key" && position === path.length - 1) return { offset: pair.offset, written };
    node = isSeq(node) ? node.items[Number(step)] : pair?.value;
    offset = startOf(node) ?? pair?.offset ?? offset;
  }
  return { offset, written };
}

function findPair(
  items: readonly { readonly key: unknown; readonly value?: unknown }[],
  step: string,
): { key: string; value: unknown; offset: number } | undefined {
  for (const name of [step, ...(otherNames[step] ?? [])])
    for (const { key, value } of items)
      if (isScalar(key) && String(key.value) === name) return { key: name, value, offset: startOf(key) ?? 0 };
  return undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
