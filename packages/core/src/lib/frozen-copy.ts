/** Deeper than anybody writes by hand, and far above what a stack holds. */
const deepest = 64;

/**
 * A copy that nobody can change, down to its last list and plain object, whose original stays its owner's. Other objects, such as a
 * client that a program hands to a provider, are the originals.
 * @throws RangeError when it nests deeper than 64 levels, as one does that contains itself.
 */
export function frozenCopy<T>(value: T, depth?: number): T;
export function frozenCopy(value: unknown, depth: number = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) throw new RangeError(`nests deeper than ${deepest} levels`);
  if (Array.isArray(value)) return Object.freeze(value.map((item: unknown) => frozenCopy(item, depth + 1)));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, frozenCopy(inner, depth + 1)] as const);
  return Object.freeze(Object.fromEntries(entries));
}
