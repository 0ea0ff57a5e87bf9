import * as v from "valibot";

import type { Option } from "../command-line/command.ts";
import { address, flag, text } from "../command-line/values.ts";
import { UsageError } from "../errors.ts";
import type { Output } from "../terminal.ts";

// What all commands share that manage a running proxy: where it is, with which key, and how its answer is printed.

export const proxyOptions = {
  api_base: { value: "URL", help: "a running proxy" },
  api_key: { value: "KEY", help: "the key for it (DHEERA_AI_API_KEY): the master key, or what its holder may do" },
} as const satisfies Record<string, Option>;

export const proxySchema = { api_base: address, api_key: v.optional(text) };

export type ManagedFormat = "table" | "json" | "csv";

export const objectOptions = {
  output: { value: "FORMAT", help: "table or json (table on a terminal, else json)" },
  json: { help: "the same as --output json: what the proxy answered" },
} as const satisfies Record<string, Option>;

export const objectSchema = {
  output: v.optional(v.picklist(["table", "json"], "wants table or json")),
  json: v.optional(flag),
};

export const listOptions = {
  output: { value: "FORMAT", help: "table, json or csv (table on a terminal, else json)" },
  json: { help: "the same as --output json: all of it, as the proxy answered" },
  csv: { help: "the same as --output csv: all of it, for a spreadsheet" },
} as const satisfies Record<string, Option>;

export const listSchema = {
  output: v.optional(v.picklist(["table", "json", "csv"], "wants table, json or csv")),
  json: v.optional(flag),
  csv: v.optional(flag),
};

interface FormatOptions {
  readonly output?: ManagedFormat | undefined;
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

/** @throws UsageError where several are asked for */
export function formatOf({ output, json, csv }: FormatOptions, { interactive }: Output): ManagedFormat {
  const asked = new Set<ManagedFormat>();
  if (output !== undefined) asked.add(output);
  if (json === true) asked.add("json");
  if (csv === true) asked.add("csv");
  const [first, ...others] = asked;
  if (others.length > 0) throw new UsageError(`--output, --json and --csv say ${[...asked].join(" and ")}; give one`);
  return first ?? (interactive ? "table" : "json");
}
