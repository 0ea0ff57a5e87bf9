import type { Language } from "../src/language.ts";

/**
 * The list of words that each language's table comes from; undefined where there is no good one: those of Sanskrit and Tamil
 * lost most words of their sentences, and the Chinese one, which is of pages that repeat each other, ranked no better.
 */
export const sources: Readonly<Record<Language, string | undefined>> = {
  none: undefined,
  arabic: "ara",
  armenian: "hye",
  bulgarian: "bul",
  danish: "dan",
  dutch: "nld",
  english: "eng",
  finnish: "fin",
  french: "fra",
  german: "deu",
  greek: "ell",
  hungarian: "hun",
  indian: "hin",
  indonesian: "ind",
  irish: "gle",
  italian: "ita",
  japanese: "jpn",
  lithuanian: "lit",
  mandarin: undefined,
  nepali: "nep",
  norwegian: "nob",
  portuguese: "por",
  romanian: "ron",
  russian: "rus",
  sanskrit: undefined,
  serbian: "srp",
  slovenian: "slv",
  spanish: "spa",
  swedish: "swe",
  tamil: undefined,
  turkish: "tur",
  ukrainian: "ukr",
};
