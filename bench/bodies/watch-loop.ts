import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Loaded into the proxy before itself: each SIGUSR2 prints for how many milliseconds the event loop was held up at the
 * longest since the one before, and the most milliseconds of the processor that it took between two rounds of a timer,
 * which does not count what other programs of a busy machine took meanwhile.
 */
const resolution = 5;
const delays = monitorEventLoopDelay({ resolution });
delays.enable();

let before = process.threadCpuUsage();
let mostWork = 0;
setInterval(() => {
  const { user, system } = process.threadCpuUsage(before);
  mostWork = Math.max(mostWork, (user + system) / 1_000);
  before = process.threadCpuUsage();
}, resolution).unref();

process.on("SIGUSR2", () => {
  const held = Math.max(0, delays.max / 1e6 - resolution);
  console.log(`event loop held up ${held.toFixed(0)} ms, at work for ${mostWork.toFixed(0)} ms`);
  delays.reset();
  mostWork = 0;
});
