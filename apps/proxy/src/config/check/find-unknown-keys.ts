import * as v from "valibot";

import { otherNames } from "../read/litellm-names.ts";
import type { Path } from "../read/path.ts";
import { isRecord } from "../read/record.ts";
import type { Kind, OtherKeys } from "../schema/kinds.ts";
import { nearMiss, nearest } from "./nearest.ts";

export interface KeyReport {
  /** Keys that the schema does not have. */
  readonly unknown: readonly UnknownKey[];
  /** Keys of LiteLLM without effect here. */
  readonly withoutEffect: readonly Path[];
}

export interface UnknownKey {
  readonly path: Path;
  readonly message: string;
  /** `mistake`: the configuration cannot be used. `ignored`: it has no effect. `kept`: others read it. */
  readonly verdict: "mistake" | "ignored" | "kept";
}

/**
 * Compares the keys of the data with those of the schema, at every depth. Keys `x-…` at the top hold YAML anchors, as
 * in Compose files.
 */
export function findUnknownKeys(schema: Kind<unknown>, data: unknown): KeyReport {
  const report: OpenReport = { unknown: [], withoutEffect: [] };
  compare(schema, data, [], report);
  return report;
}

interface OpenReport {
  readonly unknown: UnknownKey[];
  readonly withoutEffect: Path[];
}

function compare(schema: unknown, data: unknown, path: Path, report: OpenReport): void {
  const { entries, item, value, otherKeys, withoutEffect, ofOthers } = describe(schema);
  if (item && Array.isArray(data))
    for (const [index, element] of data.entries()) compare(item, element, [...path, index], report);
  if (!isRecord(data)) return;
  if (value) for (const [key, element] of Object.entries(data)) compare(value, element, [...path, key], report);
  if (!entries) return;
  const known = Object.keys(entries).flatMap((name) => otherNames[name]?.concat(name) ?? name);
  for (const [key, element] of Object.entries(data)) {
    const at = [...path, key];
    if ((path.length === 0 && key.startsWith("x-")) || ofOthers.includes(key)) continue;
    if (Object.hasOwn(entries, key)) compare(entries[key], element, at, report);
    else if (withoutEffect.includes(key)) report.withoutEffect.push(at);
    else {
      const found = judge(key, known, otherKeys);
      if (found) report.unknown.push({ path: at, ...found });
    }
  }
}

function judge(key: string, known: readonly string[], otherKeys: OtherKeys): Omit<UnknownKey, "path"> | undefined {
  if (known.includes(key))
    return { message: "stands here under another name too; leave one of them out", verdict: "mistake" };
  const meant = nearest(key, known) ?? nearMiss(key, known);
  const question = meant === undefined ? "" : `; did you mean ${meant}?`;
  const isNear = nearMiss(key, known) !== undefined;
  if (otherKeys === "mistake" || (isNear && otherKeys !== "free"))
    return { message: `unknown key${question}`, verdict: "mistake" };
  if (otherKeys === "shared") return { message: `is not known here and has no effect${question}`, verdict: "ignored" };
  // A provider says itself which keys it reads.
  return meant === undefined ? undefined : { message: `is not known here${question}`, verdict: "kept" };
}

interface Structure {
  /** Of a map with known keys. */
  readonly entries?: Readonly<Record<string, unknown>>;
  /** Of a map with free keys: its values. */
  readonly value?: unknown;
  readonly item?: unknown;
  readonly otherKeys: OtherKeys;
  readonly withoutEffect: readonly string[];
  /** Keys that others read. */
  readonly ofOthers: readonly string[];
}

/** The part of valibot's schema objects that is read here. */
const structure = v.object({
  type: v.string(),
  entries: v.optional(v.record(v.string(), v.unknown())),
  item: v.optional(v.unknown()),
  value: v.optional(v.unknown()),
  wrapped: v.optional(v.unknown()),
  pipe: v.optional(v.array(v.unknown())),
});
const keysMetadata = v.object({
  type: v.literal("metadata"),
  metadata: v.object({
    withoutEffect: v.array(v.string()),
    ofOthers: v.array(v.string()),
    otherKeys: v.picklist(["mistake", "shared", "provider", "free"]),
  }),
});

function describe(schema: unknown): Structure {
  const { output, success } = v.safeParse(structure, schema);
  if (!success) return { otherKeys: "free", withoutEffect: [], ofOthers: [] };
  if (output.wrapped !== undefined) return describe(output.wrapped);
  const [metadata] = (output.pipe ?? []).flatMap((step) => {
    const parsed = v.safeParse(keysMetadata, step);
    return parsed.success ? [parsed.output.metadata] : [];
  });
  return {
    otherKeys: metadata?.otherKeys ?? (output.type === "strict_object" ? "mistake" : "free"),
    withoutEffect: metadata?.withoutEffect ?? [],
    ofOthers: metadata?.ofOthers ?? [],
    ...(output.entries && { entries: output.entries }),
    ...(output.item !== undefined && { item: output.item }),
    ...(output.type === "record" && { value: output.value }),
  };
}
