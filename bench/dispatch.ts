import { measureCrowd } from "./dispatch/crowd.ts";
import { printLines } from "./dispatch/line.ts";
import { measureSkew } from "./dispatch/skew.ts";
import { measureSpread } from "./dispatch/spread.ts";
import { measureSurvivor } from "./dispatch/survivor.ts";

/**
 * Planning and dispatch against simulated servers, each a process of its own: `node -C source bench/dispatch.ts`. The
 * servers' speed is simulated, so the figures are ratios to what the servers could do. Exits with 1 when a target is
 * missed.
 */
const lines = [
  ...(await measureSpread()),
  ...(await measureSkew()),
  ...(await measureCrowd()),
  ...(await measureSurvivor()),
];
printLines(lines);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;
