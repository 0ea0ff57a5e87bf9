import { findProgram } from "../../../test/support/programs.ts";
import { generate } from "./generate.ts";
import type { Load, Measured, Target } from "./measured.ts";
import { runWrk } from "./wrk.ts";

/** Full speed over a fixed number of connections, by wrk where it is installed. */
export async function measure(load: Load): Promise<Measured> {
  const wrk = findProgram("wrk");
  if (wrk !== undefined) return runWrk(wrk, load);
  const { connections, seconds } = load;
  const [rounds] = await generate({ targets: [load], connections, seconds, rounds: 1, warmUp: 1 });
  const [measured] = rounds ?? [];
  if (!measured) throw new Error("nothing was measured");
  return measured;
}

/** Requests of the small shape after which V8 has optimised what it will: 15,000 to 20,000. */
export const enoughToWarmUp = 20_000;

/** Loads a target until it has answered so many requests. @throws Error when it answers with anything but 200 */
export async function warmUp(target: Target, enough: number = enoughToWarmUp): Promise<void> {
  for (let answered = 0; answered < enough;) {
    const { requests, failures } = await measure({ ...target, connections: 32, seconds: 2 });
    answered += requests;
    if (failures > 0 || answered === 0) throw new Error(`${target.url}: ${failures} requests failed`);
  }
}
