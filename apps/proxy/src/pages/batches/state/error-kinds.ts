import * as v from "valibot";

/** Lines that failed for one reason. */
export interface ErrorKind {
  /** The code of the error: `provider_rejected`. */
  readonly code: string;
  readonly lines: number;
  /** The first of them. */
  readonly example: { readonly customId: string; readonly message: string };
}

const said = v.object({ code: v.nullish(v.string()), message: v.string() });

/** A line of an error file: what was answered, or why nothing was. */
const errorLine = v.object({
  custom_id: v.nullish(v.string(), ""),
  error: v.nullish(said),
  response: v.nullish(
    v.object({
      status_code: v.number(),
      body: v.fallback(v.object({ error: v.nullish(said) }), { error: undefined }),
    }),
  ),
});

/** Counts lines by their codes. */
export class ErrorCounts {
  readonly #kinds = new Map<string, ErrorKind>();
  #lines = 0;

  get lines(): number {
    return this.#lines;
  }

  /** @param text a line of an error file; an empty one is none */
  add(text: string): void {
    if (text.trim() === "") return;
    this.#lines++;
    const { code, customId, message } = readErrorLine(text);
    const known = this.#kinds.get(code);
    this.#kinds.set(code, {
      code,
      lines: (known?.lines ?? 0) + 1,
      example: known?.example ?? { customId, message },
    });
  }

  /** Most lines first. */
  kinds(): readonly ErrorKind[] {
    return [...this.#kinds.values()].toSorted((a, b) => b.lines - a.lines || (a.code < b.code ? -1 : 1));
  }
}

function readErrorLine(text: string): { code: string; customId: string; message: string } {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), errorLine), text);
  if (!read.success) return { code: "unknown", customId: "", message: "" };
  const { custom_id: customId, error, response } = read.output;
  const reason = error ?? response?.body.error;
  const status = response ? `status_${response.status_code}` : "unknown";
  return { code: reason?.code ?? status, customId, message: reason?.message ?? "" };
}
