/** Whose text is next, where several requests have texts that wait. */
export interface Turns<Owner> {
  /** @param size How many turns it wants, at least one. */
  add(owner: Owner, size: number): void;
  remove(owner: Owner): void;
  /** One after the other, in the order in which they came, and for each its positions from 0. */
  next(): { readonly of: Owner; readonly position: number } | undefined;
}

/** A request of one document waits for one document of each other request, however many they have. */
export function createTurns<Owner>(): Turns<Owner> {
  /** The next position of each and how many it has. The first in the map is the next. */
  const waiting = new Map<Owner, { position: number; readonly size: number }>();
  return {
    add: (owner, size) => void waiting.set(owner, { position: 0, size }),
    remove: (owner) => void waiting.delete(owner),
    next: () => {
      for (const [owner, turn] of waiting) {
        waiting.delete(owner);
        const { position } = turn;
        turn.position += 1;
        if (turn.position < turn.size) waiting.set(owner, turn);
        return { of: owner, position };
      }
      return undefined;
    },
  };
}
