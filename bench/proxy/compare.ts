import { setTimeout as sleep } from "node:timers/promises";

import type { Server } from "./servers/fleet.ts";
import { measure } from "./load/load.ts";
import type { Measured } from "./load/measured.ts";
import { median } from "./median.ts";
import type { Shape } from "./load/shapes.ts";
import { cpuSeconds, rssMegabytes } from "./usage.ts";

/** What one server did in one round. */
export interface Round extends Measured {
  /** Processor time of the server alone, microseconds a request. */
  readonly cpu: number;
  /** Resident memory at the end, megabytes. */
  readonly rss: number;
}

/**
 * The rounds of all servers under the same load: the n-th of one was measured within seconds of the n-th of the others.
 */
export type Comparison = ReadonlyMap<Server, readonly Round[]>;

export interface Plan {
  readonly connections: number;
  readonly rounds: number;
  /** Of each server in each round. */
  readonly seconds: number;
}

/** Loads the servers in turns, so that whatever else the machine does meets all of them. */
export async function compare(
  servers: readonly Server[],
  shape: Shape,
  { connections, rounds, seconds }: Plan,
): Promise<Comparison> {
  const comparison = new Map(servers.map((server): [Server, Round[]] => [server, []]));
  for (let round = 0; round < rounds; round++)
    for (const [server, measured] of comparison) {
      const before = cpuSeconds(server.pid);
      const done = await measure({ ...server.targetOf(shape), connections, seconds });
      const cpu = ((cpuSeconds(server.pid) - before) / done.requests) * 1e6;
      measured.push({ ...done, cpu, rss: rssMegabytes(server.pid) });
      await untilIdle(server.pid);
    }
  return comparison;
}

/**
 * wrk leaves requests unanswered when it ends: a server that still works on them would take time from the next server.
 */
async function untilIdle(pid: number): Promise<void> {
  for (let looks = 0; looks < 20; looks++) {
    const before = cpuSeconds(pid);
    await sleep(100);
    // Two ticks of the clock.
    if (cpuSeconds(pid) - before < 0.025) return;
  }
}

/** The median of one figure over the rounds. */
export function typical(rounds: readonly Round[], figure: keyof Round): number {
  return median(figuresOf(rounds, figure));
}

/** One figure, round by round. */
export function figuresOf(rounds: readonly Round[], figure: keyof Round): readonly number[] {
  return rounds.map((round) => round[figure]);
}

/** How many times as many requests, round by round; the median. */
export function ratio(rounds: readonly Round[], yardstick: readonly Round[]): number {
  return median(ratios(rounds, yardstick));
}

/** How many times as many requests, round by round. */
export function ratios(rounds: readonly Round[], yardstick: readonly Round[]): readonly number[] {
  return rounds.map(
    ({ requestsPerSecond }, round) => requestsPerSecond / (yardstick[round]?.requestsPerSecond ?? Number.NaN),
  );
}

/** How much more than directly, round by round; the median. */
export function added(rounds: readonly Measured[], direct: readonly Measured[], figure: keyof Measured): number {
  return median(rounds.map((round, position) => round[figure] - (direct[position]?.[figure] ?? Number.NaN)));
}
