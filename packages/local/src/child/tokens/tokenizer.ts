import type * as Tokenizers from "tokenizers";

import type { LoadMessage } from "../../process/protocol.ts";
import { firstLine, loadModule } from "../load-module.ts";
import { Refusal } from "../refusal.ts";
import { type Layout, learnPair, learnSingle } from "./special-tokens.ts";

/** A model's own tokenizer. It works on other threads than this one. */
export interface TextTokenizer {
  /** The tokens of a text, without special ones. */
  encode(text: string): Promise<readonly number[]>;
  /**
   * The first tokens of a text (or its last ones), without special ones: all of them, or some more than `most`. A text
   * that is far longer is not read to its end, so that the work is bounded by what the model reads.
   */
  encodeStart(
    text: string,
    most: number,
    direction: "left" | "right",
  ): Promise<{ ids: readonly number[]; isWhole: boolean }>;
  /** With the special tokens of a single text. */
  countTokens(text: string): Promise<number>;
  readonly single: Layout<[text: readonly number[]]>;
  readonly pair: Layout<[query: readonly number[], document: readonly number[]]>;
}

/** @throws Error whose message is a sentence for the operator */
export async function openTokenizer({
  model,
  modules,
}: Pick<LoadMessage, "model" | "modules">): Promise<TextTokenizer> {
  const { Tokenizer } = await loadModule(modules.tokenizer, isTokenizers);
  let tokenizer: Tokenizers.Tokenizer;
  try {
    tokenizer = Tokenizer.fromFile(model.tokenizer);
  } catch (error) {
    throw new Error(`the tokenizer of local/${model.name} cannot be read: ${firstLine(error)}`, { cause: error });
  }
  // What the file says of them was for its author's batches.
  tokenizer.disableTruncation();
  tokenizer.disablePadding();

  const encode = async (text: string): Promise<readonly number[]> => {
    const encoding = await tokenizer.encode(text, null, { addSpecialTokens: false }).catch((error: unknown) => {
      // What the library says might quote the text.
      throw new Refusal(
        "failed",
        `the tokenizer of local/${model.name} failed on a text of ${text.length} characters`,
        { cause: error },
      );
    });
    return encoding.getIds();
  };
  const single = await learnSingle(tokenizer, model.name);
  return {
    encode,
    encodeStart: async (text, most, direction) => {
      for (let length = most * 16 + 256; length < text.length; length *= 4) {
        const start = startOf(text, length, direction);
        if (start === undefined) break;
        const ids = await encode(start);
        if (ids.length > most) return { ids, isWhole: false };
      }
      return { ids: await encode(text), isWhole: true };
    },
    countTokens: async (text) => (await encode(text)).length + single.added,
    single,
    pair: await learnPair(tokenizer, model.name),
  };
}

/**
 * About so many characters of a text, cut at a space between two words, where no tokenizer looks across: what comes
 * before the space has the same tokens whatever follows, and so has what begins with it.
 */
function startOf(text: string, length: number, direction: "left" | "right"): string | undefined {
  const between = /[\p{L}\p{N}] (?=[\p{L}\p{N}])/gu;
  between.lastIndex = direction === "right" ? length : Math.max(0, text.length - length - 1000);
  const found = between.exec(text);
  if (found === null) return undefined;
  const space = between.lastIndex - 1;
  return direction === "right" ? text.slice(0, space) : text.slice(space);
}

function isTokenizers(module: unknown): module is typeof Tokenizers {
  return typeof module === "object" && module !== null && "Tokenizer" in module;
}
