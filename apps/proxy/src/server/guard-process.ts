import type { Logger } from "../telemetry/telemetry.ts";

/** Keeps an error that nobody caught, in a plug-in for example, from ending all requests. The function that comes back stops guarding. */
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
