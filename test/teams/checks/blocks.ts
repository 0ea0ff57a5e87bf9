import type { Attempt } from "../clients.ts";
import { type Record, bound, firstOf, timesOf, wasAway } from "./record.ts";

export interface Blocks {
  readonly problems: readonly string[];
  /** Requests that were refused because of a block. */
  readonly refused: number;
  /** Milliseconds after a block was answered that the last request began which was let in, with the database there. */
  readonly latest: number;
}

/**
 * Nobody gets in who began two seconds after a block, or the end of a key, was answered. A replica that could not read the change, because
 * the database was away within these two seconds, learns of it within two seconds of its return.
 */
export function checkBlocks(record: Record): Blocks {
  const { attempts, blocks, outages } = record;
  const late: string[] = [];
  let refused = 0;
  let latest = 0;
  const judge = (attempt: Attempt, since: number, what: string): void => {
    const { id, begun } = attempt;
    if (
      begun <= since ||
      wasAway(
        outages.filter(({ from }) => from <= since + bound),
        since - bound,
        begun - bound,
      )
    )
      return;
    latest = Math.max(latest, begun - since);
    if (begun > since + bound)
      late.push(`${id} ${Math.round(begun - since)} ms after ${what} (${timesOf(attempt, record)})`);
  };
  for (const attempt of attempts) {
    const { key, text, begun, outcome } = attempt;
    if (outcome.kind !== "answered") continue;
    if (outcome.code === "forbidden") refused += 1;
    if (outcome.status !== 200) continue;
    judge(attempt, text.end, `${key.name} was rotated and its grace over`);
    for (const { owner, answered, unblockSent } of blocks)
      if (key.chain.includes(owner) && begun < unblockSent)
        judge(attempt, answered, `the ${owner.kind} of ${key.name} was blocked`);
  }
  return { problems: firstOf("a request got past a block", late), refused, latest };
}
