/** A worker of its own: `worker-process.ts <where> hold` or `worker-process.ts <where> change <batch> <times>`. Prints a line of JSON for each thing that happens. */
import { openQueue } from "../open-queue.ts";
import { keptOf } from "./records.ts";

const [where = "", task, batchId = "", times = ""] = process.argv.slice(2);
const queue = await openQueue(where);
if (task === "hold") await holdUntilLost();
else await change(Number(times));
await queue.close();

/** Takes a shard, keeps its first line, and does nothing more until it has lost it. */
async function holdUntilLost(): Promise<void> {
  const claim = await queue.take(new AbortController().signal);
  if (claim === undefined) throw new Error("nothing to take");
  await claim.keep([keptOf(0)]);
  const { shard, lost } = claim;
  say({ shard });
  // The process stays as long as it holds something.
  const staying = setInterval(() => {}, 1_000);
  if (!lost.aborted) await new Promise((resolve) => lost.addEventListener("abort", resolve, { once: true }));
  clearInterval(staying);
  const keep = await claim.keep([keptOf(1)]).then(
    () => "kept",
    () => "refused",
  );
  say({ lost: true, keep, finished: await claim.finish({ completed: 1, failed: 0 }) });
}

async function change(left: number): Promise<void> {
  say({ ready: true });
  for (let time = 0; time < left; time++)
    await queue.changeBatch(batchId, (batch) => ({
      ...batch,
      metadata: { count: String(Number(batch.metadata["count"] ?? 0) + 1) },
    }));
  say({ changed: left });
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
