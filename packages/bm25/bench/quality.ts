/**
 * How well `bm25/default` ranks test collections in the layout of BEIR, with and without the table of how rare words are:
 *
 *     node -C source packages/bm25/bench/quality.ts [--candidates=100] [--language=english] FOLDER…
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";

import { isLanguage } from "../src/language.ts";
import { measureQuality } from "./rerank-quality.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { candidates: { type: "string", default: "100" }, language: { type: "string", default: "english" } },
});
const { language } = values;
const candidates = Number(values.candidates);
if (!isLanguage(language)) throw new Error(`--language must be one of bm25's languages, not ${language}`);
if (!Number.isInteger(candidates) || candidates < 1) throw new Error("--candidates must be a whole number from 1 on");

for (const folder of positionals) {
  const quality = await measureQuality(folder, language, candidates);
  console.log(
    `${basename(folder)}: ${quality.queries} queries, best ${candidates} of each; nDCG@10 by their own frequencies ${quality.candidates.toFixed(3)}, with the background ${quality.background.toFixed(3)}, knowing the collection ${quality.collection.toFixed(3)}`,
  );
}
