import { createHash } from "node:crypto";

import type { TokenizedText } from "../tokens/special-tokens.ts";

/** Makes the vector of a text. */
export type Embed = (input: TokenizedText) => Promise<Float64Array>;

/**
 * The same vectors, computed once while they are kept: an embedding model reads a document without its query, and the next
 * query has many of the same documents. Texts are equal where the model reads the same of them, prompt included and
 * whatever was cut, because tokens are what is compared.
 * @param bytes Memory for them, at least 0; where none fits, nothing is kept. What was used longest ago is given up first.
 */
export function keepVectors(embed: Embed, bytes: number): Embed {
  if (bytes === 0) return embed;
  let kept: Table | undefined;
  return async (input) => {
    const key = keyOf(input);
    const known = kept?.get(key);
    if (known !== undefined) return known;
    const vector = await embed(input);
    // All vectors of a model have the length of its first one, which is made when the model is loaded.
    kept ??= createTable(vector.length, bytes);
    kept.set(key, vector);
    return vector;
  };
}

/** Vectors of one length, in one piece of memory: its size is known, and nothing is left for the garbage collector. */
interface Table {
  get(key: string): Float64Array | undefined;
  set(key: string, vector: Float64Array): void;
}

function createTable(length: number, bytes: number): Table {
  const capacity = Math.floor(bytes / (length * Float64Array.BYTES_PER_ELEMENT + bytesOfKey));
  const values = new Float64Array(capacity * length);
  /** Where each begins, in the order of their last use. */
  const places = new Map<string, number>();
  return {
    get: (key) => {
      const place = places.get(key);
      if (place === undefined) return undefined;
      places.delete(key);
      places.set(key, place);
      // A copy: a later vector may be written over this one while the caller still compares with it.
      return values.slice(place, place + length);
    },
    set: (key, vector) => {
      if (capacity === 0 || vector.length !== length || places.has(key)) return;
      let place = places.size * length;
      if (places.size === capacity) {
        const [oldest = ""] = places.keys();
        place = places.get(oldest) ?? 0;
        places.delete(oldest);
      }
      values.set(vector, place);
      places.set(key, place);
    },
  };
}

/** A digest of 32 bytes and its place in a map, roughly. */
const bytesOfKey = 160;

/** Which token belongs to which text follows from how many there are, so their numbers are enough. */
function keyOf({ ids }: TokenizedText): string {
  return createHash("sha256").update(Uint32Array.from(ids)).digest("latin1");
}
