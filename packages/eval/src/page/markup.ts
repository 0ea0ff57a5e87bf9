/** HTML that may be written as it is; only `html` makes it, and it escapes every value. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Value = Markup | string | number | undefined | readonly Value[];

/** Texts and numbers become text, never markup; lists are joined; undefined is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, index) => part + written(values[index])).join(""));
}

function written(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.map(written).join("");
  return escaped(String(value));
}

/** Good between tags and between double quotes. */
function escaped(text: string): string {
  return text.replaceAll(special, (character) => references[character] ?? character);
}

/** NUL cannot be written in HTML at all. */
const special = /[&<>"'\0]/g;
const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\0": "\uFFFD",
};
