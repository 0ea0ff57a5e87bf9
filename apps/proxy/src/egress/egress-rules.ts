import { addressList } from "../access/addresses.ts";
import { kindOfAddress, parseAddress } from "./address-kinds.ts";

/**
 * Where connections may go whose address somebody added over the API or on a page: to the internet with TLS, and to the networks of
 * `general_settings.allowed_private_networks`, also without.
 */
export interface EgressRules {
  /** Whether private addresses and this machine's own may be asked at all. */
  readonly allowsPrivate: boolean;
  /** @returns why no connection to this address may be opened; undefined where it may */
  whyRefused(address: string, protocol: string): string | undefined;
}

/** The setting that allows more. */
export const networksSetting = "general_settings.allowed_private_networks";

/**
 * @param networks private and loopback addresses and CIDR ranges that may be asked; what is neither stays refused or allowed whatever
 * stands here
 */
export function egressRules(networks: readonly string[] = []): EgressRules {
  const isListed = addressList(networks);
  return {
    allowsPrivate: networks.length > 0,
    whyRefused(address, protocol) {
      const kind = kindOfAddress(address);
      if (kind === "special") return "is link-local, a metadata service or reserved, which is never allowed";
      const isOwn = kind !== "public" && isListed(String(parseAddress(address)));
      if (kind !== "public" && !isOwn)
        return `is ${kind === "private" ? "in a private network" : "this machine's own"}: list it in ${networksSetting} where it may be asked`;
      if (protocol !== "https:" && !isOwn)
        return `may be asked only with https (without it only what ${networksSetting} lists)`;
      return undefined;
    },
  };
}
