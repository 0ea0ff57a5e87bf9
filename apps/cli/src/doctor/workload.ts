/**
 * The query of every measurement. Query and documents are invented, and the same every time, so that figures can be
 * compared.
 */
export const query = "which vessel carried the grain upriver in spring";

/** `count` different passages of about 100 words, the length that search systems rerank. */
export function passages(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `Record ${number}. ${sentences(number).join(" ")}`);
}

function sentences(record: number): string[] {
  return Array.from({ length: 10 }, (_, line) => {
    const at = record * 7 + line * 3;
    return `The ${pick(adjectives, at)} ${pick(nouns, at + record)} ${pick(verbs, at + line)} near the ${pick(nouns, at + 4)} in ${pick(seasons, at)}.`;
  });
}

const adjectives = ["old", "quiet", "narrow", "bright", "heavy", "northern", "slow"];
const nouns = ["vessel", "river", "mill", "harbour", "grain store", "bridge", "orchard", "market", "ferry"];
const verbs = ["rested", "waited", "turned", "arrived", "was repaired"];
const seasons = ["spring", "summer", "autumn", "winter"];

function pick(words: readonly string[], at: number): string {
  return words[at % words.length] ?? "";
}
