import { Session } from "node:inspector/promises";

/**
 * Preloaded into a program (`node --import`) that has an IPC channel: answers each message of its parent with the
 * files, as URLs, of which a function was called since the message before.
 */
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });

process.on("message", () => {
  void session.post("Profiler.takePreciseCoverage").then(({ result }) => {
    const called = result.filter(({ functions }) => functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0));
    process.send?.(called.map(({ url }) => url));
  });
});
// The channel alone does not keep the program alive.
process.channel?.unref();
