/** What a server that is busy does for a key beside others, by its priority. */
const priorities = [
  ["", "as much as others"],
  ["1", "half as much as others"],
  ["9", "a tenth as much as others"],
  ["background", "only what no other key wants"],
] as const;

/** What can be chosen, with what a key has already. */
export function priorityOffers(priority = ""): readonly (readonly [value: string, words: string])[] {
  const isKnown = priorities.some(([value]) => value === priority);
  return isKnown ? priorities : [...priorities, [priority, priorityWords(priority)]];
}

export function priorityWords(priority: string): string {
  return priorities.find(([value]) => value === priority)?.[1] ?? `1 / (1 + ${priority}) of what others get`;
}
