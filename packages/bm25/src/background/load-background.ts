import type { Language } from "../language.ts";
import { type Background, readTable, type Table } from "./background.ts";

/** Loads the table of one language only; `none` has none. */
export async function loadBackground(language: Language): Promise<Background | undefined> {
  const table = await loaders[language]();
  return table && readTable(table.default);
}

type Loader = () => Promise<{ readonly default: Table } | undefined>;

const none: Loader = async () => undefined;

// Each import is written out, because bundlers have to see the name of each file.
const loaders: Readonly<Record<Language, Loader>> = {
  none,
  arabic: () => import("./tables/arabic.json", { with: { type: "json" } }),
  armenian: () => import("./tables/armenian.json", { with: { type: "json" } }),
  bulgarian: () => import("./tables/bulgarian.json", { with: { type: "json" } }),
  danish: () => import("./tables/danish.json", { with: { type: "json" } }),
  dutch: () => import("./tables/dutch.json", { with: { type: "json" } }),
  english: () => import("./tables/english.json", { with: { type: "json" } }),
  finnish: () => import("./tables/finnish.json", { with: { type: "json" } }),
  french: () => import("./tables/french.json", { with: { type: "json" } }),
  german: () => import("./tables/german.json", { with: { type: "json" } }),
  greek: () => import("./tables/greek.json", { with: { type: "json" } }),
  hungarian: () => import("./tables/hungarian.json", { with: { type: "json" } }),
  indian: () => import("./tables/indian.json", { with: { type: "json" } }),
  indonesian: () => import("./tables/indonesian.json", { with: { type: "json" } }),
  irish: () => import("./tables/irish.json", { with: { type: "json" } }),
  italian: () => import("./tables/italian.json", { with: { type: "json" } }),
  japanese: () => import("./tables/japanese.json", { with: { type: "json" } }),
  lithuanian: () => import("./tables/lithuanian.json", { with: { type: "json" } }),
  mandarin: none,
  nepali: () => import("./tables/nepali.json", { with: { type: "json" } }),
  norwegian: () => import("./tables/norwegian.json", { with: { type: "json" } }),
  portuguese: () => import("./tables/portuguese.json", { with: { type: "json" } }),
  romanian: () => import("./tables/romanian.json", { with: { type: "json" } }),
  russian: () => import("./tables/russian.json", { with: { type: "json" } }),
  sanskrit: none,
  serbian: () => import("./tables/serbian.json", { with: { type: "json" } }),
  slovenian: () => import("./tables/slovenian.json", { with: { type: "json" } }),
  spanish: () => import("./tables/spanish.json", { with: { type: "json" } }),
  swedish: () => import("./tables/swedish.json", { with: { type: "json" } }),
  tamil: none,
  turkish: () => import("./tables/turkish.json", { with: { type: "json" } }),
  ukrainian: () => import("./tables/ukrainian.json", { with: { type: "json" } }),
};
