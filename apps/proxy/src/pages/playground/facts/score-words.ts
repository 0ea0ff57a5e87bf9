import type { Answer } from "../proxy-client.ts";
import type { Bars } from "../answer/bar-lengths.ts";

/** What the scores of an answer are, in a few words. */
export function scoreWords({ scoreKind = "unknown", isRanked, isDiversified }: Answer): string {
  if (!isRanked) return "Not ranked: the order of the request";
  const kind = kinds[scoreKind] ?? "Scores without a known scale";
  return isDiversified ? `${kind}, near-duplicates moved down` : kind;
}

const kinds: Readonly<Record<string, string>> = {
  probability: "Probabilities",
  calibrated: "Calibrated probabilities",
  cosine: "Cosines",
  logit: "Logits",
  rank: "An order without distances",
  fused: "Scores of a fusion",
};

/** How to read the bars of all rankings that are shown; empty where there are none. */
export function scaleWords(shown: readonly { readonly answer: Answer; readonly bars: Bars }[]): string {
  const scales = new Set(shown.filter(({ answer }) => answer.results.length > 0).map(({ bars }) => bars.scale));
  const [only] = scales;
  if (only === undefined) return "";
  if (scales.size === 1) return shown.length === 1 ? ofOne[only] : ofAll[only];
  return "Bars run from 0 to 1, or are relative to the best score where a model’s scores have no scale of their own.";
}

const ofOne = {
  absolute: "Bars run from 0 to 1.",
  relative: "Bars are relative to the best score: this model’s scores have no scale of their own.",
  none: "There are no bars: only the order of this model’s scores means something.",
} as const satisfies Record<Bars["scale"], string>;

const ofAll = {
  absolute: ofOne.absolute,
  relative: "Bars are relative to the best score of each: these scores have no scale of their own.",
  none: "There are no bars: only the order of these scores means something.",
} as const satisfies Record<Bars["scale"], string>;
