/**
 * How long `bm25/default` takes: 1,000 and 10,000 documents of 1 kB in Latin, Cyrillic and Chinese letters, made from a
 * seeded generator, and the longest time the event loop was kept from other work. Run: `node -C source
 * packages/bm25/bench/score-documents.ts`
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

import { loadBackground } from "../src/background/load-background.ts";
import { loadLanguage } from "../src/language.ts";
import { scoreDocuments } from "../src/score-documents.ts";

const rules = await loadLanguage("english");
const background = await loadBackground("english");
const { signal } = new AbortController();
const alphabets = {
  latin: "abcdefghijklmnoprstuvw",
  cyrillic: "абвгдежзиклмнопрстухцч",
  chinese: "的一是不了人我在有他这为之大来以个中上们",
};

for (const [name, letters] of Object.entries(alphabets)) {
  for (const count of [1000, 10_000]) {
    const random = seeded(count);
    const vocabulary = Array.from({ length: 20_000 }, () => wordOf(letters, random));
    const documents = Array.from({ length: count }, () => textOf(vocabulary, random, name === "chinese" ? "" : " "));
    const query = vocabulary.slice(0, 8).join(" ");
    const times = [];
    const delay = monitorEventLoopDelay({ resolution: 1 });
    for (let round = 0; round < 5; round++) {
      if (round === 1) delay.enable();
      const start = performance.now();
      await scoreDocuments({ query, documents, rules, background, k1: 1.2, b: 0.75, signal });
      times.push(performance.now() - start);
    }
    delay.disable();
    const [cold = 0, ...warm] = times;
    console.log(
      `${name} ${count} × 1 kB: first ${cold.toFixed(0)} ms, then ${Math.min(...warm).toFixed(0)} ms; loop held up to ${(delay.max / 1e6).toFixed(0)} ms`,
    );
  }
}

/** Skewed as words are (Zipf's law): the word of rank n comes up as often as 1/n. */
function textOf(vocabulary: readonly string[], random: () => number, space: string): string {
  const words: string[] = [];
  for (let bytes = 0; bytes < 1000;) {
    const word = vocabulary[Math.floor(vocabulary.length ** random()) - 1] ?? "";
    words.push(word);
    bytes += Buffer.byteLength(word + space);
  }
  return words.join(space);
}

function wordOf(letters: string, random: () => number): string {
  return Array.from(
    { length: 2 + Math.floor(random() * 8) },
    () => letters[Math.floor(random() * letters.length)],
  ).join("");
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}
