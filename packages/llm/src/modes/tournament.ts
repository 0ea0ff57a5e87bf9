import type { Options } from "../options/parse-options.ts";
import { inParallel } from "./in-parallel.ts";
import type { RankWindow } from "./listwise.ts";

/**
 * Rounds of groups that are ranked at the same time. Documents are dealt to ⌈documents / window⌉ groups like cards, so
 * that the first ones meet late; the better half of a window goes on from each group, until one group is left. Who left
 * later stands higher; who left in the same round stands by the place in the group, then by the order before.
 *
 * The best half of a window is at the top if the model judges alike every time, because nobody of it can have so many
 * better ones in a group. With a window of 20: up to 20 documents take 1 prompt, 50 take 6 in 3 steps, 100 take 11 in 4.
 */
export async function holdTournament(
  count: number,
  { window, maxParallel }: Pick<Options, "window" | "maxParallel">,
  signal: AbortSignal,
  rank: RankWindow,
): Promise<readonly number[]> {
  const advance = Math.max(1, Math.floor(window / 2));
  let candidates: readonly number[] = Array.from({ length: count }, (_, index) => index);
  /** Round by round. */
  const left: (readonly number[])[] = [];
  while (candidates.length > window) {
    const groups = await inParallel(deal(candidates, Math.ceil(candidates.length / window)), maxParallel, signal, rank);
    left.push(byPlace(groups, advance, window));
    candidates = byPlace(groups, 0, advance);
  }
  const first = candidates.length > 1 || count === 1 ? await rank(candidates, signal) : candidates;
  return [first, ...left.toReversed()].flat();
}

function deal(candidates: readonly number[], groups: number): readonly (readonly number[])[] {
  return Array.from({ length: groups }, (_, group) => candidates.filter((__, position) => position % groups === group));
}

/** Those at some places of their groups: all of a place before all of the next. */
function byPlace(groups: readonly (readonly number[])[], from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, offset) => groups.flatMap((group) => group[from + offset] ?? [])).flat();
}
