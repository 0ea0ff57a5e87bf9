import pino from "pino";

import type { Logger } from "../telemetry.ts";
import { describeError } from "./describe-error.ts";
import { lineClock } from "./line-clock.ts";
import { type LineWriter, lineWriter } from "./line-writer.ts";
import { readLogLevel } from "./log-level.ts";

export interface LogOptions {
  /** `debug`, `info` (default), `warn`, `error` or `silent`; other programs' names for them as well. */
  readonly level?: string | undefined;
  /** Lines for people, with colours; otherwise JSON. Default false. */
  readonly pretty?: boolean;
  /** Queries and documents of rerank requests at level `debug`. They are personal data more often than not. Default false. */
  readonly documents?: boolean;
  /** Where lines go; standard output when absent. */
  readonly destination?: { write(line: string): void };
}

/** A logger that tells what it would say. */
export interface Log {
  readonly logger: Logger;
  isEnabled(level: "debug" | "info" | "warn" | "error"): boolean;
  /** Lines given up because nobody read them fast enough. */
  readonly dropped: number;
  /** Resolves when everything said is written. */
  close(): Promise<void>;
}

/**
 * JSON lines, or lines for people.
 * @param context Fields of every line, such as the trace under way.
 */
export async function createLog(options: LogOptions = {}, context?: () => Record<string, unknown>): Promise<Log> {
  const level = readLogLevel(options.level ?? "info");
  const sink = await openSink(options);
  const log = pino(
    {
      level: level ?? "info",
      base: { pid: process.pid },
      messageKey,
      timestamp: lineClock(),
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
      ...(context && { mixin: context }),
    },
    sink,
  );
  const logger: Logger = {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  };
  if (level === undefined)
    logger.warn(`the log level ${JSON.stringify(options.level)} is not known; use debug, info, warn, error or silent`);
  return {
    logger,
    isEnabled: (wanted) => log.isLevelEnabled(wanted),
    get dropped() {
      return sink.dropped;
    },
    close: () => sink.close(),
  };
}

const messageKey = "message";
const standardOutput = 1;

async function openSink({ pretty = false, destination }: LogOptions): Promise<LineWriter> {
  const writer = destination ? direct(destination) : lineWriter(standardOutput);
  if (!pretty) return writer;
  // Loaded only here: a server writes JSON.
  const { prettyFactory } = await import("pino-pretty");
  const prettify = prettyFactory({
    colorize: true,
    messageKey,
    ignore: "pid",
    translateTime: "SYS:HH:MM:ss.l",
    singleLine: true,
  });
  return {
    get dropped() {
      return writer.dropped;
    },
    write: (line) => writer.write(prettify(line)),
    close: () => writer.close(),
  };
}

function direct(destination: { write(line: string): void }): LineWriter {
  return { dropped: 0, write: (line) => destination.write(line), close: async () => {} };
}
