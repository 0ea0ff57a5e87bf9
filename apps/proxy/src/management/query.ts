import { DheeraError } from "@dheera-ai/core";

/** The parameters of an address; each that is wrong is named. */
export class Query {
  readonly #params: URLSearchParams;
  readonly #read = new Set<string>();

  constructor(url: string) {
    this.#params = new URL(url).searchParams;
  }

  /** Absent where it is empty, because clients send empty ones. */
  text(name: string, most = 1_000): string | undefined {
    this.#read.add(name);
    const value = this.#params.get(name);
    if (value === null || value === "") return undefined;
    if (value.length > most) throw wrong(name, `must have at most ${most} characters`);
    if (value.includes("\0") || !value.isWellFormed()) throw wrong(name, "must be plain text");
    return value;
  }

  needed(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw wrong(name, "is required");
    return value;
  }

  whole(name: string, { least, most, otherwise }: { least: number; most: number; otherwise: number }): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < least || value > most)
      throw wrong(name, `must be a whole number from ${least} to ${most}`);
    return value;
  }

  flag(name: string): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined || text === "false" || text === "0") return false;
    if (text === "true" || text === "1") return true;
    throw wrong(name, "must be true or false");
  }

  choice<const Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const word = words.find((one) => one === text);
    if (word === undefined) throw wrong(name, `must be one of: ${words.join(", ")}`);
    return word;
  }

  /** Parameters that say something and that nobody has read. */
  unread(): readonly string[] {
    const said = [...this.#params].filter(([, value]) => !off.has(value.toLowerCase()));
    return [...new Set(said.map(([name]) => name))].filter((name) => !this.#read.has(name));
  }

  /** A day, `2026-11-27`. */
  day(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text)
      throw wrong(name, "must be a day such as 2026-11-27");
    return text;
  }

  /** The same parameters with others of these, as a text for an address. */
  with(others: Readonly<Record<string, string | number>>): string {
    const params = new URLSearchParams(this.#params);
    for (const [name, value] of Object.entries(others)) params.set(name, String(value));
    return params.toString();
  }

  /** The page of a list. @param sizeName what the list's clients call its size */
  page(sizeName: string, otherwise = 10): { readonly page: number; readonly size: number } {
    return {
      page: this.whole("page", { least: 1, most: 1_000_000, otherwise: 1 }),
      size: this.whole(sizeName, { least: 1, most: mostRows, otherwise }),
    };
  }
}

/** Values that change nothing where nobody reads them: clients send them with every call. */
const off: ReadonlySet<string> = new Set(["", "false", "0"]);

/** Rows of one page. */
export const mostRows = 500;

function wrong(name: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${name}: ${message}`, { param: name });
}
