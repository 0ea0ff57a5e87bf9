import { version } from "../../version.ts";
import type { Logger } from "../telemetry.ts";
import type { Traces } from "./create-traces.ts";
import type { TraceSettings } from "./read-trace-settings.ts";

export type OpenTraces = Traces & { close(): Promise<void> };

/** Loads the libraries for traces, which nothing else uses. */
export async function openTraces(settings: TraceSettings, log: Logger): Promise<OpenTraces> {
  for (const problem of settings.problems) log.warn(problem);
  const [{ openTracer }, { createTraces }] = await Promise.all([
    import("./open-tracer.ts"),
    import("./create-traces.ts"),
  ]);
  const { tracer, close } = await openTracer(settings, version, onceAMinute(failureLogger(log)));
  return { ...createTraces(tracer), close };
}

function failureLogger(log: Logger): (error: unknown) => void {
  // Spans hold no content, so the message of a collector cannot quote any.
  return (error) =>
    log.warn("spans could not be sent; check the OTEL_* variables and the collector", {
      reason: error instanceof Error ? error.message : String(error),
    });
}

/** Passes on at most one call a minute, because a failure that repeats all the time would fill the log. */
function onceAMinute<Argument>(run: (argument: Argument) => void): (argument: Argument) => void {
  let quietUntil = 0;
  return (argument) => {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + 60_000;
    run(argument);
  };
}
