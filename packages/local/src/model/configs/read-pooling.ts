import type { BiEncoder } from "../description.ts";
import { type Configs, lastName, type Pooling } from "./read-configs.ts";

/**
 * How sentence-transformers makes one vector of a text with this model. `in-the-file` where more happens than what can be
 * done here, so that only a file that does all of it itself gives the right vectors.
 */
export function readPooling({ modules = [], pooling }: Configs): BiEncoder["pooling"] {
  const after = modules.map(({ type }) => lastName(type));
  // A cosine is the same before and after a vector is given the length 1.
  const simple = after.every((name) => ["Transformer", "Pooling", "Normalize", "Dropout"].includes(name));
  const modes = pooling === undefined ? [] : modesOf(pooling);
  const [mode] = modes;
  if (!simple || modes.length !== 1 || mode === undefined) return "in-the-file";
  return known.get(mode) ?? "in-the-file";
}

const known: ReadonlyMap<string, BiEncoder["pooling"]> = new Map([
  ["cls", "cls"],
  ["max", "max"],
  ["mean", "mean"],
  // Its divisor is another, its direction the same.
  ["mean_sqrt_len_tokens", "mean"],
  ["lasttoken", "last-token"],
]);

function modesOf(pooling: Pooling): readonly string[] {
  const { pooling_mode: mode } = pooling;
  if (typeof mode === "string") return [mode];
  if (mode) return mode;
  const flags = [
    pooling.pooling_mode_cls_token && "cls",
    pooling.pooling_mode_max_tokens && "max",
    pooling.pooling_mode_mean_tokens && "mean",
    pooling.pooling_mode_mean_sqrt_len_tokens && "mean_sqrt_len_tokens",
    pooling.pooling_mode_weightedmean_tokens && "weightedmean",
    pooling.pooling_mode_lasttoken && "lasttoken",
  ].filter((name) => typeof name === "string");
  return flags.length === 0 ? ["mean"] : flags;
}
