import * as v from "valibot";

import type { Path } from "../read/path.ts";
import { isRecord } from "../read/record.ts";
import type { Kind } from "../schema/kinds.ts";
import { nearest } from "./nearest.ts";

export interface KeyReport {
  /** Keys that the schema does not have. */
  readonly unknown: readonly KeyFinding[];
  /** Keys that are handed to a provider although they look like a mistake. */
  readonly doubtful: readonly KeyFinding[];
  /** Keys of LiteLLM without effect here. */
  readonly withoutEffect: readonly Path[];
}

interface KeyFinding {
  readonly path: Path;
  readonly message: string;
}

/**
 * Compares the keys of the data with those of the schema, at every depth. Keys `x-…` at the top hold YAML anchors, as
 * in Compose files.
 */
export function findUnknownKeys(schema: Kind<unknown>, data: unknown): KeyReport {
  const report: OpenReport = { unknown: [], doubtful: [], withoutEffect: [] };
  compare(schema, data, [], report);
  return report;
}

interface OpenReport {
  readonly unknown: KeyFinding[];
  readonly doubtful: KeyFinding[];
  readonly withoutEffect: Path[];
}

function compare(schema: unknown, data: unknown, path: Path, report: OpenReport): void {
  const { entries, item, value, isOpen, withoutEffect } = describe(schema);
  if (item && Array.isArray(data))
    for (const [index, element] of data.entries()) compare(item, element, [...path, index], report);
  if (!isRecord(data)) return;
  if (value) for (const [key, element] of Object.entries(data)) compare(value, element, [...path, key], report);
  if (!entries) return;
  for (const [key, element] of Object.entries(data)) {
    const at = [...path, key];
    if (path.length === 0 && key.startsWith("x-")) continue;
    if (Object.hasOwn(entries, key)) compare(entries[key], element, at, report);
    else if (withoutEffect.includes(key)) report.withoutEffect.push(at);
    else {
      const meant = nearest(key, Object.keys(entries));
      if (!isOpen)
        report.unknown.push({
          path: at,
          message: `unknown key${meant === undefined ? "" : `; did you mean ${meant}?`}`,
        });
      else if (meant !== undefined)
        report.doubtful.push({ path: at, message: `is handed to the provider; did you mean ${meant}?` });
    }
  }
}

interface Structure {
  /** Of a map with known keys. */
  readonly entries?: Readonly<Record<string, unknown>>;
  /** Of a map with free keys: its values. */
  readonly value?: unknown;
  readonly item?: unknown;
  readonly isOpen: boolean;
  readonly withoutEffect: readonly string[];
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
const withoutEffectMetadata = v.object({
  type: v.literal("metadata"),
  metadata: v.object({ withoutEffect: v.array(v.string()) }),
});

function describe(schema: unknown): Structure {
  const { output, success } = v.safeParse(structure, schema);
  if (!success) return { isOpen: true, withoutEffect: [] };
  if (output.wrapped !== undefined) return describe(output.wrapped);
  const metadata = output.pipe?.flatMap((step) => {
    const parsed = v.safeParse(withoutEffectMetadata, step);
    return parsed.success ? parsed.output.metadata.withoutEffect : [];
  });
  return {
    isOpen: output.type !== "object",
    withoutEffect: metadata ?? [],
    ...(output.entries && { entries: output.entries }),
    ...(output.item !== undefined && { item: output.item }),
    ...(output.type === "record" && { value: output.value }),
  };
}
