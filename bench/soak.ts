import { parseArgs } from "node:util";

import { type Line, printLines } from "./dispatch/line.ts";
import { type Replica, startReplica } from "./dispatch/replica.ts";
import { type Answers, load } from "./soak/load.ts";
import { startSoakedProxy } from "./soak/proxy.ts";
import { type Sample, growthPerMinute, handlesWhenIdle, sample } from "./soak/sample.ts";

/**
 * Whether the proxy holds on to anything: `node -C source bench/soak.ts [--minutes 10]`. Full load from clients some of
 * which give up, before servers that fail now and then. Exits with 1 when memory or handles grow; less than ten minutes
 * say little about memory. Linux only.
 */
const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, "fault-rate": { type: "string", default: "0.02" } },
});
const minutes = Number(values.minutes);
/** Until then the engine compiles and the cache fills. */
const warmUp = minutes / 4;
const mostMegabytesPerMinute = 1;
/** What a request may open for good, such as a file that the runtime loads late. */
const mostNewHandles = 5;

await using stack = new AsyncDisposableStack();
const start = async (): Promise<Replica> =>
  stack.use(await startReplica({ microsecondsPerToken: 1, faultRate: Number(values["fault-rate"]) }));
const replicas = [await start(), await start()];
const proxy = await startSoakedProxy(replicas.map(({ url }) => url));
stack.defer(async () => void (await proxy.stop()));

const handlesBefore = await handlesWhenIdle(proxy.pid);
const end = AbortSignal.timeout(minutes * 60_000);
const [answers, samples] = await Promise.all([load(proxy.url, end), sample(proxy.pid, end)]);
const handlesAfter = await handlesWhenIdle(proxy.pid);
const refusals = await countRefusals();
const lines = judge(
  answers,
  samples.filter((one) => one.minutes >= warmUp),
);
printLines(lines);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;

function judge(counts: Answers, steady: readonly Sample[]): readonly Line[] {
  const memory = growthPerMinute(steady);
  const rangeOf = (field: "rssMegabytes" | "handles"): string => {
    const all = steady.map((one) => one[field]);
    return `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`;
  };
  return [
    { what: "answers", measured: [...counts].map(([answer, count]) => `${answer}: ${count}`).join(", "), target: "" },
    { what: "refusals of the servers, beside broken connections", measured: String(refusals), target: "" },
    { what: "resident memory, MB", measured: rangeOf("rssMegabytes"), target: "" },
    {
      what: "memory, growth a minute",
      measured: `${memory.toFixed(2)} MB`,
      target: `≤ ${mostMegabytesPerMinute} MB`,
      pass: memory <= mostMegabytesPerMinute,
    },
    { what: "open handles under load", measured: rangeOf("handles"), target: "" },
    {
      what: "open handles when idle, before and after",
      measured: `${handlesBefore} → ${handlesAfter}`,
      target: `≤ ${mostNewHandles} more`,
      pass: handlesAfter <= handlesBefore + mostNewHandles,
    },
  ];
}

/** Answers of the servers that reported a fault; a connection that broke answered nothing. */
async function countRefusals(): Promise<number> {
  const stats = await Promise.all(replicas.map((replica) => replica.stats()));
  const counts = stats.flatMap(({ statuses }) =>
    Object.entries(statuses).map(([status, count]) => (Number(status) >= 400 ? count : 0)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
