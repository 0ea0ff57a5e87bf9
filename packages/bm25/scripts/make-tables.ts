/**
 * Makes the tables of how rare words are: `src/background/tables/<language>.json`.
 *
 *     mvn dependency:get -Dartifact=org.apache.tika:tika-eval:1.24.1 -Dtransitive=false
 *     node -C source packages/bm25/scripts/make-tables.ts ~/.m2/repository/org/apache/tika/tika-eval/1.24.1/tika-eval-1.24.1.jar
 *
 * The library has, for each of 120 languages, the 30,000 words that most sentences have, with the number of those
 * sentences, of up to six million. It is under the Apache License 2.0, which `third-party-notices.txt` repeats.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { languages } from "../src/language.ts";
import { makeTable } from "./make-table.ts";
import { sources } from "./sources.ts";

const sha256 = "678bc6724c407962dc4bb53b1c8dfdc5f06e6a71f722ed4eefd7b092cb6f2133";

const [jar] = process.argv.slice(2);
if (jar === undefined)
  throw new Error("name the file tika-eval-1.24.1.jar; this script's first lines say how to get it");
if (createHash("sha256").update(readFileSync(jar)).digest("hex") !== sha256)
  throw new Error(`${jar} is not tika-eval-1.24.1.jar`);

for (const language of languages) {
  const name = sources[language];
  if (name === undefined) continue;
  const list = execFileSync("unzip", ["-p", jar, `common_tokens/${name}`], { encoding: "utf8", maxBuffer: 2 ** 26 });
  const table = await makeTable(language, list);
  const text = `${JSON.stringify(table, undefined, 2)}\n`;
  writeFileSync(join(import.meta.dirname, `../src/background/tables/${language}.json`), text);
  console.log(`${language}: ${table.terms} terms, ${(Buffer.byteLength(text) / 1000).toFixed(1)} kB`);
}
