import { isDheeraError } from "@dheera-ai/core";

/**
 * What a log may say of an error. Messages of `DheeraError` are made to be told. All others may quote what they stumbled over (a JSON parser
 * quotes its input, an HTTP client the answer), which may be documents; so they are told by their names and where they came from.
 */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (isDheeraError(error)) return { name: error.name, code: error.code, message: error.message, ...causeOf(error) };
  if (!(error instanceof Error)) return { name: typeof error };
  const system = systemErrorOf(error);
  return { name: error.name, ...system, ...(!system && { stack: framesOf(error) }), ...causeOf(error) };
}

function causeOf({ cause }: Error): { readonly cause?: unknown } {
  return cause === undefined ? {} : { cause: describeError(cause) };
}

/** Errors of the operating system and of connections: their messages name addresses and paths, never content. */
function systemErrorOf(error: Error): { readonly code: string; readonly message: string } | undefined {
  if (!("code" in error) || typeof error.code !== "string" || !/^(E[A-Z0-9]+|UND_ERR_\w+)$/.test(error.code))
    return undefined;
  return { code: error.code, message: error.message };
}

/** Where it was thrown: what follows the message in the stack. */
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
