/**
 * Takes an item out of a list. What comes and goes with every request is kept in lists, where there are few at one time, and not in a `Set`
 * or `Map` that lives long: V8 and JavaScriptCore make a new table when enough have left, and the one before, which is garbage in the old
 * generation, points to it and so to each that follows. All that was ever in one of them then outlives each collection of the young generation,
 * until a full one.
 */
export function removeFrom<Item>(list: Item[], item: Item): void {
  const position = list.indexOf(item);
  if (position >= 0) list.splice(position, 1);
}
