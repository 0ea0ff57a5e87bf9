import { type Random } from "../simulator/random.ts";
import { type People, type PlannedKey, type PlannedOwner, firstText } from "./people.ts";

/** One text that a key had. Times are by `performance.now`. */
export interface Text {
  readonly text: string;
  /** When the rotation that ends it was first asked for. */
  endSent: number;
  /** When it ended: the rotation was answered, and its grace was over. */
  end: number;
}

/** A time in which an owner was blocked. */
export interface Block {
  readonly owner: PlannedOwner;
  readonly sent: number;
  answered: number;
  unblockSent: number;
  unblocked: number;
}

/** What managers did to keys, as clients that hold them would know it. */
export interface Texts {
  /** The text that a client uses: the current one, or at times the one before it. */
  of(key: PlannedKey, random: Random): Text;
  /** The text that a rotation replaces from now on. */
  current(key: PlannedKey): Text;
  add(key: PlannedKey, text: string): void;
  readonly blocks: Block[];
  /** Makes requests of this key likely for some seconds. */
  watch(key: PlannedKey): void;
  /** A key to which something happened of late, at times. */
  interesting(random: Random): PlannedKey | undefined;
}

/** Milliseconds after which a text that ended, or a change, is of no more interest. */
const interest = 10_000;

export function openTexts({ keys }: People, seed: number): Texts {
  const texts = new Map(keys.map((key) => [key, [open(firstText(key.name, seed))]]));
  let watched: { readonly key: PlannedKey; readonly until: number }[] = [];
  const listOf = (key: PlannedKey): Text[] => texts.get(key) ?? [];
  const current = (key: PlannedKey): Text => {
    const last = listOf(key).at(-1);
    if (last === undefined) throw new Error(`${key.name} has no text`);
    return last;
  };
  return {
    of(key, random) {
      const before = listOf(key).at(-2);
      const isOfInterest = before !== undefined && performance.now() < before.end + interest;
      return isOfInterest && random.chance(0.5) ? before : current(key);
    },
    current,
    add: (key, text) => void listOf(key).push(open(text)),
    blocks: [],
    watch(key) {
      watched = watched.filter(({ until }) => until > performance.now());
      watched.push({ key, until: performance.now() + interest });
    },
    interesting(random) {
      const now = performance.now();
      const [first, ...others] = watched.filter(({ until }) => until > now);
      return first !== undefined && random.chance(0.3) ? random.pick([first, ...others]).key : undefined;
    },
  };
}

function open(text: string): Text {
  return { text, endSent: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY };
}
