import { DheeraError } from "@dheera-ai/core";
import { type JsonSize, measureJson } from "@dheera-ai/core/provider-utils";

import type { BodyRoom } from "../access/limits/body-budget.ts";

/**
 * The text of a body whose values may be made. They are counted before they are made, because they take up to 35 times
 * the bytes they were sent in, and hold up everybody meanwhile.
 * @param room what the request holds for its body; it grows where the values take more than their bytes
 * @throws DheeraError `invalid_request` for a body that is not UTF-8, too deep or has a long name, `request_too_large` for one of more than
 * `mostValues`, `rate_limited` when there is no room for its values
 */
export function readText(bytes: Uint8Array, mostValues: number, room: Pick<BodyRoom, "grow">): string {
  const text = decode(bytes);
  const size = measureJson(text, mostOf(mostValues));
  const refusal = refusalOf(size, mostValues);
  if (refusal) throw refusal;
  if (size.hasLongName)
    throw new DheeraError("invalid_request", "a field of the body has a name of more than 10,000 characters");
  const memory = size.values * bytesOfValue;
  if (memory > bytes.byteLength + uncounted) room.grow(memory);
  return text;
}

/** What a body may hold that may hold so many values. */
export function mostOf(mostValues: number): JsonSize {
  return { values: mostValues, depth: deepest };
}

/** Why a body that holds that much is refused; undefined where it is not. */
export function refusalOf({ values, depth }: JsonSize, mostValues: number): DheeraError | undefined {
  if (depth > deepest) return new DheeraError("invalid_request", `the body is nested more than ${deepest} levels deep`);
  if (values <= mostValues) return undefined;
  return new DheeraError(
    "request_too_large",
    `the body holds more than the ${mostValues} values allowed (general_settings.max_request_values); send fewer documents at a time, or only the fields that are ranked`,
  );
}

/** @throws DheeraError `invalid_request` for a text that is not JSON */
export function parseJson(text: string): unknown {
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

/**
 * Deeper data is refused: no document is like that, and recursive code that walks through it could overflow the stack.
 */
const deepest = 100;

/** Memory of an empty object or of a field; the costliest values take 100 bytes, numbers and texts 8 beside their bytes. */
const bytesOfValue = 64;
/** Bytes that values may take beyond those of their body: requests with few values cost no more than their body. */
const uncounted = 16_384;

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new DheeraError("invalid_request", "the body is not valid UTF-8", { cause: error });
  }
}
