/** How a language writes values where it differs from JSON. */
interface Dialect {
  readonly indent: string;
  readonly key: (name: string) => string;
  readonly word: (value: boolean | null) => string;
}

export const javaScript: Dialect = {
  indent: "  ",
  key: (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)),
  word: String,
};
export const python: Dialect = {
  indent: "    ",
  key: quote,
  word: (value) => (value === null ? "None" : value ? "True" : "False"),
};

/** `name: value` for each field. */
export function writeFields(record: object, dialect: Dialect, margin: string = dialect.indent): string[] {
  return Object.entries(record).map(([name, value]) => `${dialect.key(name)}: ${writeValue(value, dialect, margin)}`);
}

/** @param margin white space before the line that the value begins on */
export function writeValue(value: unknown, dialect: Dialect, margin: string): string {
  if (value === null || typeof value === "boolean") return dialect.word(value);
  if (typeof value !== "object") return typeof value === "string" ? quote(value) : String(value);
  const inner = margin + dialect.indent;
  const [open, parts, close] = Array.isArray(value)
    ? ["[", value.map((item) => writeValue(item, dialect, inner)), "]"]
    : ["{", writeFields(value, dialect, inner), "}"];
  return parts.length === 0
    ? open + close
    : `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${margin}${close}`;
}

/** A JSON string is valid in both languages. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** Between single quotes only the quote itself is special. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
