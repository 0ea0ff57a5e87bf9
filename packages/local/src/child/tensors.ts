import type * as OnnxRuntime from "onnxruntime-node";

import { Refusal } from "./refusal.ts";
import type { TokenizedText } from "./tokens/special-tokens.ts";

/**
 * Tensors of one text. Their memory is made once, because only one text is run at a time; whole numbers of 64 bits are
 * written by their lower half (every CPU that runs this has it first), because a BigInt for each token is slow.
 */
export function createFeed(
  ort: typeof OnnxRuntime,
  session: OnnxRuntime.InferenceSession,
  file: string,
  tokens: number,
): (input: TokenizedText) => OnnxRuntime.InferenceSession.FeedsType {
  const inputs = session.inputNames.map((name, index) => {
    const source = sources[name];
    if (source === undefined)
      throw new Error(
        `${file} wants an input named ${name}, which is none of ${Object.keys(sources).join(", ")}: it is another kind of model`,
      );
    const metadata = session.inputMetadata[index];
    const type = metadata?.isTensor === true && metadata.type === "int32" ? "int32" : "int64";
    const wide = new BigInt64Array(type === "int64" ? tokens : 0);
    const narrow = type === "int64" ? new Int32Array(wide.buffer) : new Int32Array(tokens);
    const step = type === "int64" ? 2 : 1;
    return (input: TokenizedText): readonly [string, OnnxRuntime.Tensor] => {
      const { length } = input.ids;
      for (let token = 0; token < length; token += 1) narrow[token * step] = source(input, token);
      const shape = [1, length];
      return [
        name,
        type === "int64"
          ? new ort.Tensor(type, wide.subarray(0, length), shape)
          : new ort.Tensor(type, narrow.subarray(0, length), shape),
      ];
    };
  });
  return (input) => Object.fromEntries(inputs.map((write) => write(input)));
}

/** What each input of a transformer is made of. */
const sources: Readonly<Record<string, (input: TokenizedText, token: number) => number>> = {
  input_ids: ({ ids }, token) => ids[token] ?? 0,
  attention_mask: () => 1,
  token_type_ids: ({ types }, token) => types[token] ?? 0,
};

/** @throws Refusal */
export function numbersOf({ type, data }: OnnxRuntime.OnnxValue): ArrayLike<number> {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  // A class of its own only from Node.js 24 on.
  if (type === "float16" && data instanceof Uint16Array) return Array.from(data, halfToNumber);
  if (type === "float16" && ArrayBuffer.isView(data))
    return Array.from(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2), halfToNumber);
  throw new Refusal("failed", `the model gives numbers of the type ${type}, and float32 or float16 is needed`);
}

/** A number of 16 bits: 1 of the sign, 5 of the exponent, 10 of the fraction. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
