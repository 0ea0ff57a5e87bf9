import { isDheeraError } from "@dheera-ai/core";

/**
 * The part of an error that may be logged. Messages of `DheeraError` are written to be shown. Messages of all others
 * may quote their input (a JSON parser quotes its text, an HTTP client the answer), which may be documents; so only
 * their names and where they were thrown are logged.
 */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (isDheeraError(error)) return { name: error.name, code: error.code, message: error.message, ...causeOf(error) };
  if (!(error instanceof Error)) return { name: typeof error };
  const system = systemErrorOf(error);
  return { name: nameOf(error), ...system, ...(!system && { stack: framesOf(error) }), ...causeOf(error) };
}

/** A name can be any text, so one that does not look like a name is not logged. */
function nameOf({ name }: Error): string {
  return /^[A-Za-z]\w{0,60}$/.test(name) ? name : "Error";
}

function causeOf({ cause }: Error): { readonly cause?: unknown } {
  return cause === undefined ? {} : { cause: describeError(cause) };
}

/** An error of the operating system or of a connection, whose message names addresses and paths, never content. */
function systemErrorOf(error: Error): { readonly code: string; readonly message: string } | undefined {
  if (!("code" in error) || typeof error.code !== "string" || !/^(E[A-Z0-9]+|UND_ERR_\w+)$/.test(error.code))
    return undefined;
  return { code: error.code, message: error.message };
}

/** Where the error was thrown: the part of the stack after the message. */
function framesOf({ stack = "", message }: Error): readonly string[] {
  const start = stack.indexOf(message);
  if (start === -1) return [];
  const lines = stack.slice(start + message.length).split("\n");
  return lines
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .slice(0, mostFrames);
}

const mostFrames = 10;
