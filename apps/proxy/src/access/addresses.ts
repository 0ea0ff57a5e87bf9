import ipaddr from "ipaddr.js";

/** Whether an address is one of the listed addresses or within one of the listed CIDR ranges. */
export type AddressList = (address: string) => boolean;

/** @throws Error when an entry is neither an address nor a CIDR range. */
export function addressList(entries: readonly string[]): AddressList {
  const ranges = entries.map(parseRange);
  return (address) => {
    if (!isPlainAddress(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
  };
}

export function isAddressOrRange(entry: string): boolean {
  return isPlainAddress(entry.replace(/\/\d+$/, "")) && (ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry));
}

/** Not `0x0a000001` or `012.0.0.1`: programs disagree on which address that is. */
function isPlainAddress(text: string): boolean {
  const decimal = /[^:]*$/.exec(text)?.[0] ?? "";
  return (
    ipaddr.isValid(text) &&
    (text.includes(":") && !decimal.includes(".") ? true : ipaddr.IPv4.isValidFourPartDecimal(decimal))
  );
}

/** Whether an address is this machine's own, also in the IPv6 form of an IPv4 address. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && isPlainAddress(address) && ipaddr.process(address).range() === "loopback";
}

function parseRange(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  const address = ipaddr.process(entry);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}
