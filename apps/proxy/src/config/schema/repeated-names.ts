/** Positions of items whose name an earlier one has, in one pass: a list may hold 100,000 keys. */
export function repeatedNames(items: Iterable<{ readonly name: string }>): readonly number[] {
  const seen = new Set<string>();
  const repeated: number[] = [];
  let position = 0;
  for (const { name } of items) {
    if (seen.has(name)) repeated.push(position);
    seen.add(name);
    position++;
  }
  return repeated;
}
