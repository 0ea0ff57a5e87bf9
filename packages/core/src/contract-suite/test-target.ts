import type { Target } from "../contract.ts";
import { frozenCopy } from "../lib/frozen-copy.ts";
import { createHttp } from "../upstream/http.ts";

/** A target as a host makes it, for a provider's own tests: real HTTP, no retries, no redirects. */
export function testTarget(place: Pick<Target, "model"> & Partial<Target>): Target {
  return Object.freeze<Target>({ http: createHttp(), ...place, options: frozenCopy(place.options ?? {}) });
}
