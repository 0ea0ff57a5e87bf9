export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** A level by any of the names that programs use for it; undefined for what is none. */
export function readLogLevel(text: string): LogLevel | undefined {
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
