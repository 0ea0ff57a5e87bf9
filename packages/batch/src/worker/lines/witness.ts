import { type InputLine, isBroken, readLine } from "../../batches/read-line.ts";
import { refusedWith } from "../batch-pause.ts";
import type { WatchedBatch } from "../watched-batch.ts";
import type { RankLine, WorkOptions } from "../work-options.ts";
import type { HeldShard } from "./held-shard.ts";

/**
 * Whether a refusal is the line's own: its model has served others since it was asked. Where none is left to be served, one that was
 * answered before is asked once more, past the cache: whether it is served tells a line that is refused from servers that refuse everybody.
 * That one speaks for all lines that were refused the last time before it was served.
 */
export async function areOthersServed(
  batch: WatchedBatch,
  shard: HeldShard,
  number: number,
  { model }: InputLine,
  { rankLine }: WorkOptions,
): Promise<boolean> {
  const wereServed = (): boolean => shard.tries.areOthersServed(number, batch.servedOf(model));
  if (wereServed()) return true;
  if ([...batch.shards].some(({ hasFresh }) => hasFresh)) return false;
  const asked = batch.witnesses.get(model);
  // What goes wrong inside is reported once, by the line that has asked for it.
  if (asked) await asked.catch(() => undefined);
  else {
    const asking = askWitness(batch, shard, number, model, rankLine).finally(() => batch.witnesses.delete(model));
    batch.witnesses.set(model, asking);
    await asking;
  }
  return wereServed();
}

/** The line that asks for it pays for it: an answer that nobody gets costs its key as much as the first one. */
async function askWitness(
  batch: WatchedBatch,
  shard: HeldShard,
  number: number,
  model: string,
  rankLine: RankLine,
): Promise<void> {
  const witness = [...batch.shards]
    .map((each) => witnessOf(each, batch.record.endpoint))
    .find((each) => each?.model === model);
  if (!witness) return;
  const body = { ...witness.body, cache: { "no-cache": true } };
  const { status, cost, retryLater, retryAfter } = await rankLine(batch.lineOf(shard.signal, body));
  if (cost !== undefined) shard.spend(number, cost);
  if (status < 300) batch.served(model);
  else if (!shard.signal.aborted) batch.pause(retryLater ?? refusedWith(status), retryAfter);
}

function witnessOf(shard: HeldShard, endpoint: string): InputLine | undefined {
  const answered = shard.shortestAnswered;
  const line = answered === undefined ? undefined : readLine(shard.texts[answered] ?? "", endpoint);
  return line && !isBroken(line) ? line : undefined;
}
