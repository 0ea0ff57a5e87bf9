/** A worker of its own: `worker-process.ts <where> hold`, `… suspect`, `… change <batch> <times>` or `… forget <batch>`. Prints a line of JSON for each thing that happens. */
import { openQueue } from "../open-queue.ts";
import { keptOf } from "./records.ts";

const [where = "", task, batchId = "", times = ""] = process.argv.slice(2);
const queue = await openQueue(where);
if (task === "hold") await holdUntilLost();
else if (task === "suspect") await suspect();
else if (task === "forget") await forget();
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

/** Takes a shard, notes two lines of it, and waits to be killed. */
async function suspect(): Promise<void> {
  const claim = await queue.take(new AbortController().signal);
  if (claim === undefined) throw new Error("nothing to take");
  await claim.suspect({
    doing: "asks",
    lines: [2, 3],
    deaths: claim.deaths,
    deathsOfLine: 0,
    deathsOfWhole: 0,
  });
  say({ deaths: claim.deaths });
  await new Promise((resolve) => setTimeout(resolve, 600_000));
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

async function forget(): Promise<void> {
  await queue.forgetShards(batchId);
  say({ forgotten: true });
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
