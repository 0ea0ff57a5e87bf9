import { setTimeout as sleep } from "node:timers/promises";

import type { Listening } from "../proxy/processes.ts";
import { cpuMicroseconds, rssMegabytes } from "../proxy/usage.ts";
import { type Measured, type Rounds, inRounds, joined } from "./in-rounds.ts";
import type { Plan } from "./curve.ts";
import { type Load, load, warmUp } from "./load.ts";

/** A proxy of some size. */
export interface Started {
  readonly proxy: Listening;
  readonly targets: Load["targets"];
  /** Has something read again, which takes as long as it takes. */
  reload?(): Promise<void>;
}

/** Processes of one program differ by more than the rounds of one: each size is started so often, and each start has its part of the rounds. */
const times = 2;

/**
 * A proxy for each size, all at the same time: `start` and `reload` in milliseconds of processor time, `idle` and `busy` megabytes before and after
 * load, `cpu` microseconds of processor time a request.
 */
export async function measureStarts(
  sizes: readonly number[],
  { rounds, seconds, enough }: Plan,
  start: (size: number, stack: AsyncDisposableStack) => Promise<Started>,
): Promise<Rounds> {
  const all: Rounds[] = [];
  for (let time = 0; time < times; time++) all.push(await measureOnce());
  return joined(all);

  async function measureOnce(): Promise<Rounds> {
    await using stack = new AsyncDisposableStack();
    const started = new Map<number, Started>();
    const of = (size: number): Started => {
      const one = started.get(size);
      if (!one) throw new Error(`no proxy of size ${size} was started`);
      return one;
    };
    const begun = await inRounds(sizes, 1, async (size) => {
      const one = await start(size, stack);
      started.set(size, one);
      return atRest(one.proxy.pid);
    });
    for (const size of sizes) await warmUp(of(size).targets, enough);
    const loaded = await inRounds(sizes, Math.ceil(rounds / times), async (size) => {
      const { proxy, targets } = of(size);
      const { cpu } = await load(proxy.pid, { targets, connections: 8, seconds });
      return { cpu, busy: rssMegabytes(proxy.pid) };
    });
    const reloaded = await inRounds(sizes, 2, (size) => reload(of(size)));
    return joined([begun, loaded, reloaded]);
  }
}

/** What a start took, once nothing of it is under way. */
async function atRest(pid: number): Promise<Measured> {
  await untilIdle(pid);
  return { start: cpuMicroseconds(pid) / 1000, idle: rssMegabytes(pid) };
}

async function reload({ proxy: { pid }, reload: run }: Started): Promise<Measured> {
  if (!run) return {};
  await untilIdle(pid);
  const before = cpuMicroseconds(pid);
  await run();
  await untilIdle(pid);
  return { reload: (cpuMicroseconds(pid) - before) / 1000 };
}

/** Looks at files and changes once a second are all that an idle proxy does. */
async function untilIdle(pid: number): Promise<void> {
  for (let looks = 0; looks < 50; looks++) {
    const before = cpuMicroseconds(pid);
    await sleep(100);
    if (cpuMicroseconds(pid) - before < 5_000) return;
  }
}
