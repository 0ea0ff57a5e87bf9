import { median } from "../proxy/median.ts";
import type { Allocating } from "./allocating.ts";
import { openPlace } from "./open-place.ts";
import type { Place } from "./places.ts";
import type { WatchedProcess } from "./watched-process.ts";

/** Windows of requests until V8 has optimised what it will, and how many of them count then. */
const windows = { before: 6, counted: 5 } as const;

/** Bytes that a request allocates in the heap of V8: the median of several windows of requests. */
export async function measureAllocations(place: Place): Promise<number> {
  await using process = await openWarm(place);
  const measured: number[] = [];
  for (let window = 0; window < windows.counted; window++) {
    const before = await process.allocated();
    await process.rank(place.requests);
    measured.push(((await process.allocated()) - before) / place.requests);
  }
  return Math.round(median(measured));
}

/** Who allocates it. */
export async function sampleAllocations(place: Place): Promise<Allocating> {
  await using process = await openWarm(place);
  await process.startSampling();
  await process.rank(place.requests);
  return await process.stopSampling();
}

async function openWarm(place: Place): Promise<WatchedProcess> {
  await using stack = new AsyncDisposableStack();
  const process = stack.use(await openPlace(place));
  await process.rank(place.requests * windows.before);
  stack.move();
  return process;
}
