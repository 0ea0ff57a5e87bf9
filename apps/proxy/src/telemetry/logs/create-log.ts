import pino from "pino";

import type { Logger } from "../telemetry.ts";
import { boundFields, boundText } from "./bound-line.ts";
import { describeError } from "./describe-error.ts";
import { type LineWriter, lineWriter } from "./line-writer.ts";

export interface LogOptions {
  /** `debug`, `info` (default), `warn`, `error` or `silent`; other programs' names for them as well. */
  readonly level?: string | undefined;
  /** Lines for people, with colours; otherwise JSON. Default false. */
  readonly pretty?: boolean;
  /** Log queries and documents of rerank requests at level `debug`. They are usually personal data. Default false. */
  readonly documents?: boolean;
  /** Where lines go; standard output when absent. */
  readonly destination?: { write(line: string): void };
}

/** A logger that knows which levels it writes. */
export interface Log {
  readonly logger: Logger;
  isEnabled(level: "debug" | "info" | "warn" | "error"): boolean;
  /** Lines dropped because their reader was too slow. */
  readonly dropped: number;
  /** Resolves when every line is written. */
  close(): Promise<void>;
}

/**
 * JSON lines, or lines for people. Every line is cut to a few times `mostCharacters`, here and not where it is logged.
 * @param context Fields of every line, such as the id of the current trace.
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
    debug: (message, fields) => log.debug(boundFields(fields ?? {}), boundText(message)),
    info: (message, fields) => log.info(boundFields(fields ?? {}), boundText(message)),
    warn: (message, fields) => log.warn(boundFields(fields ?? {}), boundText(message)),
    error: (message, fields) => log.error(boundFields(fields ?? {}), boundText(message)),
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
  // Loaded only here, because a server writes JSON.
  const [{ prettyFactory }, { readableLine }] = await Promise.all([
    import("pino-pretty"),
    import("./readable-line.ts"),
  ]);
  const prettify = prettyFactory({
    colorize: true,
    messageKey,
    ignore: "pid",
    translateTime: "SYS:HH:MM:ss",
    hideObject: true,
    messageFormat: readableLine,
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

/**
 * The time as pino wants it, formatted at most once a millisecond, because formatting takes as long as half of the rest
 * of a line.
 */
function lineClock(): () => string {
  let last = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== last) {
      last = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}

type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** A level by any of the names that programs use for it; undefined for an unknown name. */
function readLogLevel(text: string): LogLevel | undefined {
  return levels[text.trim().toLowerCase()];
}

const levels: Readonly<Record<string, LogLevel | undefined>> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  critical: "error",
  fatal: "error",
  silent: "silent",
  off: "silent",
};
