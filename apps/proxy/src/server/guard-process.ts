import type { Logger } from "../telemetry/telemetry.ts";

/**
 * Keeps an uncaught error, in a plug-in for example, from ending the process with all its requests, until the returned
 * function is called.
 */
export function guardProcess(log: Logger): () => void {
  const onError = (error: unknown): void => {
    log.error("an error was caught nowhere", { error });
  };
  process.on("uncaughtException", onError);
  process.on("unhandledRejection", onError);
  return () => {
    process.off("uncaughtException", onError);
    process.off("unhandledRejection", onError);
  };
}
