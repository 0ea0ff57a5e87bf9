import * as v from "valibot";

import { hashKey } from "../../access/hash-key.ts";
import type { ConfigProblem } from "../config-error.ts";
import type { ConfigFile } from "../read/config-file.ts";
import { adoptLiteLlmValues } from "../read/litellm-values.ts";
import { type Path, isCallerKey, pathOf } from "../read/path.ts";
import { type DataRecord, setIn } from "../read/record.ts";
import { type Environment, resolveReferences } from "../read/resolve-references.ts";
import { configSchema } from "../schema/config-schema.ts";
import { findUnknownKeys } from "./find-unknown-keys.ts";
import { type Excused, excuseMissing } from "./excuse-missing.ts";
import type { LeftOut } from "./not-for-reranking.ts";

/** The data of one file with all its problems. Without problems the data fits the schema. */
export type CheckedFile = Excused;

/**
 * @param isStrict every unknown key is a mistake
 * @param leftOut of which no warning is made here
 */
export function checkFile(
  file: ConfigFile,
  environment: Environment,
  isStrict: boolean,
  leftOut: LeftOut,
): CheckedFile {
  const keys = findUnknownKeys(configSchema, file.data);
  const mistakes = keys.unknown.filter(({ verdict }) => isStrict || verdict === "mistake");
  const others = keys.unknown.filter(({ verdict }) => verdict !== "kept").map(({ path }) => path);
  const dropped = [...keys.withoutEffect, ...others];
  const known = dropped.reduce((data, path) => setIn(data, path, undefined), file.data);
  const adopted = adoptLiteLlmValues(known);
  const { data, missing } = resolveReferences(adopted.data, environment, hashCallerKey);
  const isSilent = silence(data, leftOut);
  const excused = excuseMissing(file, data, missing, isSilent);
  const doubts = keys.unknown.filter((key) => !mistakes.includes(key) && !isSilent(key.path));
  return {
    ...excused,
    problems: [
      ...mistakes.map(({ path, message }) => file.problem(path, message, "key")),
      ...excused.problems,
      ...schemaProblems(file, excused.data),
    ].toSorted((left, right) => left.line - right.line || left.column - right.column),
    warnings: [
      ...keys.withoutEffect.filter((path) => !isSilent(path)).map((path) => file.warning(path, "has no effect here")),
      ...[...doubts, ...adopted.replaced].map(({ path, message }) => file.warning(path, message)),
      ...excused.warnings,
    ],
  };
}

function silence(data: DataRecord, leftOut: LeftOut): (path: Path) => boolean {
  const silent = new Map<unknown, ReadonlySet<unknown>>([
    ["model_list", positionsIn(data["model_list"], leftOut.hasEntry)],
    ["credential_list", positionsIn(data["credential_list"], leftOut.hasCredential)],
  ]);
  return ([section, position]) => silent.get(section)?.has(position) === true;
}

function positionsIn(list: unknown, has: (item: unknown) => boolean): ReadonlySet<number> {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return new Set(items.flatMap((item, position) => (has(item) ? [position] : [])));
}

/** Hashes a caller's key at once, so that no later step can show it. */
function hashCallerKey(value: string, path: Path): string {
  return isCallerKey(path) ? hashKey(value) : value;
}

function schemaProblems(file: ConfigFile, data: unknown): readonly ConfigProblem[] {
  const { issues = [] } = v.safeParse(configSchema, data);
  return issues.map((issue) => {
    // The issue of a missing key has the message of the map around it.
    const message = issue.kind === "schema" && issue.received === "undefined" ? "is required" : issue.message;
    return file.problem(pathOf(issue), message);
  });
}
