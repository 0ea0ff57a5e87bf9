import { setTimeout as sleep } from "node:timers/promises";

import { askAndCheck } from "./check-answer.ts";
import type { LeftOut, Measured, Round } from "./result.ts";
import { measure } from "../proxy/load/load.ts";
import type { Peer, Running } from "./servers/peer.ts";
import type { Shape } from "../proxy/load/shapes.ts";
import { startUpstream } from "./servers/yardsticks.ts";
import { usageOf } from "./process-tree.ts";

export interface Plan {
  readonly connections: number;
  readonly rounds: number;
  /** Of each server in each round. */
  readonly seconds: number;
  /** Of load on each server before anything counts. */
  readonly warmUp: number;
  /** Answers that are looked at after each round, asked for at one time. */
  readonly looks: number;
}

export interface Found {
  readonly servers: readonly Measured[];
  readonly leftOut: readonly LeftOut[];
}

interface Entry extends Running {
  readonly peer: Peer;
  readonly rounds: Round[];
}

/**
 * One shape: starts the upstream and everything before it, one after the other, has each rank, and loads them in turns, so that whatever
 * else the machine does meets all of them. What does not rank is left out, with what it does instead.
 */
export async function measureShape(
  nginx: string,
  peersOf: (upstreamPid: number) => readonly Peer[],
  shape: Shape,
  plan: Plan,
): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await startUpstream(nginx, shape));
  const entries: Entry[] = [];
  const leftOut: LeftOut[] = [];
  for (const peer of peersOf(upstream.pid)) {
    console.error(`${shape.name}: starting ${peer.name}, ${peer.workers} at work`);
    try {
      const running = stack.use(await peer.start(upstream.url, shape));
      entries.push({ ...running, peer, rounds: [] });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      leftOut.push({ name: peer.name, version: peer.version, shape: shape.name, reason });
    }
  }
  for (const { target } of entries) await measure({ ...target, ...plan, seconds: plan.warmUp });
  for (let round = 1; round <= plan.rounds; round++) {
    console.error(`${shape.name}: round ${round} of ${plan.rounds}`);
    for (const entry of entries) entry.rounds.push(await measureRound(entry, shape, plan));
  }
  return { servers: entries.map(measuredOf), leftOut };
}

async function measureRound({ peer, pid, target }: Entry, shape: Shape, plan: Plan): Promise<Round> {
  const before = usageOf(pid);
  const { requests, requestsPerSecond, p50, p99, failures } = await measure({ ...target, ...plan });
  const after = usageOf(pid);
  await untilIdle(pid);
  const looks = Array.from({ length: plan.looks }, () => askAndCheck(target, peer.dialect, shape));
  const wrong = (await Promise.all(looks)).filter(({ fault }) => fault !== undefined).length;
  const cpu = ((after.seconds - before.seconds) / requests) * 1e6;
  return { requestsPerSecond, p50, p99, cpu, megabytes: after.megabytes, failures, wrong };
}

/** wrk leaves requests unanswered when it ends: a server that still works on them would take time from the next one. */
async function untilIdle(pid: number): Promise<void> {
  for (let looks = 0; looks < 50; looks++) {
    const before = usageOf(pid).seconds;
    await sleep(100);
    // Two ticks of the clock.
    if (usageOf(pid).seconds - before < 0.025) return;
  }
}

function measuredOf({ peer, millisecondsToStart, remark, rounds }: Entry): Measured {
  const { name, version, workers } = peer;
  return { name, version, workers, millisecondsToStart, remark, rounds };
}
