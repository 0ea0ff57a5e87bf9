import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import { rssMegabytes } from "../proxy/usage.ts";

/** What a process holds at one time. */
export interface Sample {
  /** Since the first sample. */
  readonly minutes: number;
  readonly rssMegabytes: number;
  /** Files and sockets that are open. */
  readonly handles: number;
}

/** Looks at a process once a second until it is stopped. Linux only. */
export async function sample(pid: number, signal: AbortSignal): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const started = performance.now();
  while (!signal.aborted) {
    samples.push({
      minutes: (performance.now() - started) / 60_000,
      rssMegabytes: rssMegabytes(pid),
      handles: countHandles(pid),
    });
    await wait(1_000);
  }
  return samples;
}

/**
 * Files and sockets that a process has open once it is idle: what it keeps open for a while to use again, it has closed
 * by then.
 */
export async function handlesWhenIdle(pid: number): Promise<number> {
  let fewest = Number.POSITIVE_INFINITY;
  for (let second = 0; second < secondsUntilIdle; second++) {
    fewest = Math.min(fewest, countHandles(pid));
    await wait(1_000);
  }
  return fewest;
}

/** More than twice what connections to upstreams live without use. */
const secondsUntilIdle = 10;

function countHandles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** By how many megabytes memory grows each minute: the slope of the line with the least squares. */
export function growthPerMinute(samples: readonly Sample[]): number {
  const meanOf = (read: (one: Sample) => number): number =>
    samples.reduce((sum, one) => sum + read(one), 0) / samples.length;
  const meanTime = meanOf(({ minutes }) => minutes);
  const meanMemory = meanOf((one) => one.rssMegabytes);
  const covariance = meanOf((one) => (one.minutes - meanTime) * (one.rssMegabytes - meanMemory));
  return covariance / meanOf(({ minutes }) => (minutes - meanTime) ** 2);
}
