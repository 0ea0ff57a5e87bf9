import { DheeraError } from "@dheera-ai/core";

/** Deeper data is refused: no document is like that, and recursive code that walks through it could overflow the stack. */
const deepest = 100;

/**
 * Parses a request's body as JSON and ignores its content type, because many clients send a wrong one.
 * @throws DheeraError `invalid_request` for a body that is not JSON
 */
export function parseJson(bytes: Uint8Array): unknown {
  const value = parse(decode(bytes));
  if (isDeeperThan(deepest, value))
    throw new DheeraError("invalid_request", `the body is nested more than ${deepest} levels deep`);
  return value;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new DheeraError("invalid_request", "the body is not valid UTF-8", { cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's own message is not used, because it quotes the text.
    const reason = text.trim() === "" ? "the body is empty" : "the body is not valid JSON";
    throw new DheeraError("invalid_request", `${reason}; send a JSON object with model, query and documents`, {
      cause: error,
    });
  }
}

/** Recurses no deeper than `levels`, so it cannot overflow the stack itself. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value))
    if (isDeeperThan(levels - 1, item)) return true;
  return false;
}
