import type { Encoding, Tokenizer } from "tokenizers";

/** What a model reads. */
export interface TokenizedText {
  readonly ids: readonly number[];
  /** For each token whether it belongs to the first or the second text, as this tokenizer numbers them. */
  readonly types: readonly number[];
}

/** Where a tokenizer puts special tokens around texts, which are the same whatever the texts are. */
export interface Layout<Texts extends readonly (readonly number[])[]> {
  /** How many there are. */
  readonly added: number;
  /** As if the tokenizer had read the texts at once. */
  join(...texts: Texts): TokenizedText;
}

/** @throws Error where the tokenizer does more than that */
export async function learnSingle(tokenizer: Tokenizer, model: string): Promise<Layout<[readonly number[]]>> {
  const parts = partsOf(await tokenizer.encode("a"), [0], model);
  return { added: added(parts), join: (text) => join(parts, [text]) };
}

/** @throws Error where the tokenizer does more than that */
export async function learnPair(
  tokenizer: Tokenizer,
  model: string,
): Promise<Layout<[readonly number[], readonly number[]]>> {
  const parts = partsOf(await tokenizer.encode("a", "a"), [0, 1], model);
  return { added: added(parts), join: (query, document) => join(parts, [query, document]) };
}

/** A special token, or the place of a text. */
type Part =
  | { readonly id: number; readonly type: number; readonly text: undefined }
  | { readonly text: number; readonly type: number };

function partsOf(encoding: Encoding, texts: readonly number[], model: string): readonly Part[] {
  const ids = encoding.getIds();
  const types = encoding.getTypeIds();
  const parts: Part[] = [];
  for (const [position, sequence] of encoding.getSequenceIds().entries()) {
    const type = types[position] ?? 0;
    const last = parts.at(-1);
    if (typeof sequence !== "number") parts.push({ id: ids[position] ?? 0, type, text: undefined });
    else if (last?.text !== sequence) parts.push({ text: sequence, type });
  }
  const places = parts.flatMap(({ text }) => (text === undefined ? [] : [text]));
  if (places.join() !== texts.join())
    throw new Error(
      `the tokenizer of local/${model} does not put ${texts.length === 1 ? "a text" : "query and document"} between special ` +
        "tokens once and in their order, which is not supported",
    );
  return parts;
}

const added = (parts: readonly Part[]): number => parts.filter(({ text }) => text === undefined).length;

function join(parts: readonly Part[], texts: readonly (readonly number[])[]): TokenizedText {
  const ids: number[] = [];
  const types: number[] = [];
  for (const part of parts) {
    const of = part.text === undefined ? [part.id] : (texts[part.text] ?? []);
    for (const id of of) {
      ids.push(id);
      types.push(part.type);
    }
  }
  return { ids, types };
}
