import { type InputLine, isBroken, readLine } from "../../batches/read-line.ts";
import { refusedWith } from "../batch-pause.ts";
import type { WatchedBatch } from "../watched-batch.ts";
import type { WorkOptions } from "../work-options.ts";
import type { HeldShard } from "./held-shard.ts";

/**
 * Whether a refusal is the line's own: its model has served others since it was asked. Where none is left to be served, one that was
 * answered before is asked once more, past the cache: whether it is served tells a line that is refused from servers that refuse everybody.
 */
export async function areOthersServed(
  batch: WatchedBatch,
  shard: HeldShard,
  number: number,
  { model }: InputLine,
  { rankLine }: WorkOptions,
): Promise<boolean> {
  if (shard.tries.areOthersServed(number, batch.servedOf(model))) return true;
  const shards = [...batch.shards];
  if (shards.some(({ hasFresh }) => hasFresh)) return false;
  const witness = shards.map((each) => witnessOf(each, batch.record.endpoint)).find((each) => each?.model === model);
  if (!witness) return false;
  const body = { ...witness.body, cache: { "no-cache": true } };
  const { status, retryLater, retryAfter } = await rankLine(batch.lineOf(shard.signal, body));
  if (status < 300) return true;
  batch.pause(retryLater ?? refusedWith(status), retryAfter);
  return false;
}

function witnessOf(shard: HeldShard, endpoint: string): InputLine | undefined {
  const answered = shard.shortestAnswered;
  const line = answered === undefined ? undefined : readLine(shard.texts[answered] ?? "", endpoint);
  return line && !isBroken(line) ? line : undefined;
}
