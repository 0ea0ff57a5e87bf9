import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";

import { configSchema } from "../src/config/schema/config-schema.ts";

/** All settings of the configuration file as one table in Markdown. */
export function settingsTable(): string {
  return ["| setting | value | meaning |", "|---|---|---|", ...rowsOf(settings)].join("\n");
}

/** LiteLLM's keys without effect here, by section, as a list in Markdown. */
export function settingsWithoutEffect(): string {
  return ignoredOf(settings, "")
    .map(
      ({ section, keys }) =>
        `- ${section === "" ? "At the top" : `\`${section}\``}: ${keys.map((key) => `\`${key}\``).join(", ")}`,
    )
    .join("\n");
}

// Conversions of the schema, such as numbers from texts, are not part of the description.
const settings = toJsonSchema(configSchema, { errorMode: "ignore", typeMode: "output" });

function rowsOf(schema: JsonSchema, prefix = ""): readonly string[] {
  return entriesOf(schema).flatMap(({ key, value, isRequired }) => {
    const path = `${prefix}${key}`;
    const { item, steps } = openList(value);
    const row = `| \`${path}\` | ${valueOf(value)} | ${meaningOf(value, isRequired)} |`;
    return [row].concat(isDescribedElsewhere(value) ? [] : rowsOf(item, `${path}${steps}.`));
  });
}

function ignoredOf(
  schema: JsonSchema,
  path: string,
): readonly { readonly section: string; readonly keys: readonly string[] }[] {
  const keys: unknown = "withoutEffect" in schema ? schema.withoutEffect : [];
  const own = Array.isArray(keys) && keys.length > 0 ? [{ section: path, keys: keys.map(String).toSorted() }] : [];
  const inner = entriesOf(schema).flatMap(({ key, value }) => {
    if (isDescribedElsewhere(value)) return [];
    const { item, steps } = openList(value);
    return ignoredOf(item, `${path === "" ? "" : `${path}.`}${key}${steps}`);
  });
  return [...own, ...inner];
}

/** Its keys are those of another setting. */
function isDescribedElsewhere(schema: JsonSchema): boolean {
  return "isDescribedElsewhere" in schema;
}

interface Entry {
  readonly key: string;
  readonly value: JsonSchema;
  readonly isRequired: boolean;
}

function entriesOf({ properties = {}, required = [] }: JsonSchema): readonly Entry[] {
  return Object.entries(properties).flatMap(([key, value]) =>
    // A key with a default is required in the result, but not in the file.
    typeof value === "object"
      ? [{ key, value, isRequired: required.includes(key) && value.default === undefined }]
      : [],
  );
}

/** A list stands for its items, and a map with free names for its values. */
function openList(schema: JsonSchema): { readonly item: JsonSchema; readonly steps: string } {
  const { items, additionalProperties: values } = schema;
  if (typeof items === "object" && !Array.isArray(items)) return { item: items, steps: "[]" };
  return typeof values === "object" && values.properties
    ? { item: values, steps: ".<name>" }
    : { item: schema, steps: "" };
}

function valueOf({ type, enum: words, minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema): string {
  if (words) return words.map((word) => `\`${String(word)}\``).join(", ");
  const least = minimum > 0 ? ` from ${minimum}` : "";
  const most = maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : "";
  return `${names[String(type)] ?? "anything"}${least}${most}`;
}

const names: Readonly<Record<string, string>> = {
  string: "text",
  number: "number",
  integer: "whole number",
  boolean: "`true`, `false`",
  array: "list",
  object: "map",
};

function meaningOf({ description = "", default: value }: JsonSchema, isRequired: boolean): string {
  const isTold = value === undefined || typeof value === "object" || /default/i.test(description);
  const further = [...(isRequired ? ["Required."] : []), ...(isTold ? [] : [`Default \`${String(value)}\`.`])];
  return [description.replaceAll("|", "\\|"), ...further].join(" ");
}
