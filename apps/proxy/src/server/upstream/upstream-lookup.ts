import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";

/**
 * Addresses of a name are used for this long: short, because clusters move servers, and long enough for a burst of new
 * connections.
 */
const lifetimeMs = 10_000;
/** More names than any configuration has. */
const mostNames = 1_000;

/** All addresses of a name. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
) => Promise<readonly LookupAddress[]>;

/** Looks up names for new connections, each name at most once in ten seconds. Failures are not kept. */
export function createLookup(resolve: Resolve = lookup, now: () => number = () => performance.now()): LookupFunction {
  const known = new Map<string, { readonly until: number; readonly addresses: Promise<readonly LookupAddress[]> }>();

  const addressesOf = (
    hostname: string,
    { family, hints, order }: LookupOptions,
  ): Promise<readonly LookupAddress[]> => {
    const key = JSON.stringify([hostname, family, hints, order]);
    const found = known.get(key);
    if (found && found.until > now()) return found.addresses;
    const addresses = resolve(hostname, { family, hints, order, all: true });
    if (known.size >= mostNames) known.clear();
    known.set(key, { until: now() + lifetimeMs, addresses });
    addresses.catch(() => known.delete(key));
    return addresses;
  };

  return (hostname, options, callback) => {
    addressesOf(hostname, options).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) callback(null, [...addresses]);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
}
