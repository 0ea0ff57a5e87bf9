import { DheeraError } from "../errors.ts";
import { frozenCopy } from "../lib/frozen-copy.ts";

type ProviderOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Values in the options of a request: they are copied here, and sent with each of its calls. */
export const mostOptionValues = 1_000;

/**
 * A copy that no provider can change: the original belongs to the caller.
 * @throws DheeraError `invalid_request` for options of more values than that, or that nest too deeply
 */
export function ownOptions(options: ProviderOptions): ProviderOptions {
  if (countValues(options, mostOptionValues) > mostOptionValues)
    throw refusal(`holds more than the ${mostOptionValues} values allowed; send only what the provider needs`);
  try {
    return frozenCopy(options);
  } catch (error) {
    throw refusal("nests too deeply, or contains itself", error);
  }
}

/** Values inside of this one, on any level; no further than the first beyond `most`, or a depth that is refused anyway. */
function countValues(value: unknown, most: number, levels: number = 100): number {
  if (typeof value !== "object" || value === null || levels === 0) return 0;
  const inner = Array.isArray(value) ? value : Object.values(value);
  let count = inner.length;
  for (const item of inner) {
    if (count > most) break;
    count += countValues(item, most - count, levels - 1);
  }
  return count;
}

function refusal(reason: string, cause?: unknown): DheeraError {
  return new DheeraError("invalid_request", `provider_options: ${reason}`, { param: "provider_options", cause });
}
