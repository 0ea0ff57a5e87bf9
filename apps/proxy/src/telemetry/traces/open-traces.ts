import { version } from "../../version.ts";
import { onceAMinute } from "../once-a-minute.ts";
import type { Logger } from "../telemetry.ts";
import type { Traces } from "./create-traces.ts";
import type { TraceSettings } from "./read-trace-settings.ts";

export type OpenTraces = Traces & { close(): Promise<void> };

/** Loads what traces need, which nothing else does. */
export async function openTraces(settings: TraceSettings, log: Logger): Promise<OpenTraces> {
  for (const problem of settings.problems) log.warn(problem);
  const [{ openTracer }, { createTraces }] = await Promise.all([
    import("./open-tracer.ts"),
    import("./create-traces.ts"),
  ]);
  const { tracer, close } = await openTracer(settings, version, onceAMinute(tellWith(log)));
  return { ...createTraces(tracer), close };
}

function tellWith(log: Logger): (error: unknown) => void {
  // Spans hold no content, so what a collector says of them cannot quote any.
  return (error) =>
    log.warn("spans could not be sent; check the OTEL_* variables and the collector", {
      reason: error instanceof Error ? error.message : String(error),
    });
}
