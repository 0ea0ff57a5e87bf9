import { isIPv6 } from "node:net";

import ipaddr from "ipaddr.js";

/**
 * What stands behind an address: `public` is the internet, `private` a network of one's own, `loopback` this machine. Nobody means any
 * of the `special` ones: link-local addresses, where clouds give away a machine's credentials, multicast, ranges without a use.
 */
export type AddressKind = "public" | "private" | "loopback" | "special";

/** @param text an IPv4 or IPv6 address without brackets; anything else is `special` */
export function kindOfAddress(text: string): AddressKind {
  const address = parseAddress(text);
  if (address === undefined || isMetadataService(address)) return "special";
  return address.kind() === "ipv4" ? (kindsOfIpv4[address.range()] ?? "special") : kindOfIpv6(address);
}

/**
 * An IPv4 address that is written as an IPv6 one is the IPv4 address: the system, or a translator on the way, connects to that.
 * Undefined for texts that are no address, and for those with a zone.
 */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (text.includes("%") || !isIPv6(text)) return undefined;
  // Without a dotted end, which the library reads otherwise than systems do: ::1.2.3.4 is not ::ffff:1.2.3.4.
  const address = ipaddr.IPv6.parse(new URL(`http://[${text}]`).hostname.slice(1, -1));
  const isTranslated = translated.some((range) => address.match(range));
  return isTranslated ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

/** ::ffff:0:0/96 of every system, and the prefix of NAT64, by which hosts with IPv6 alone reach the rest. */
const translated = [ipaddr.IPv6.parseCIDR("::ffff:0:0/96"), ipaddr.IPv6.parseCIDR("64:ff9b::/96")];

const kindsOfIpv4: Readonly<Record<string, AddressKind>> = {
  unicast: "public",
  private: "private",
  carrierGradeNat: "private",
  loopback: "loopback",
};

/** Only 2000::/3 is given out; what is within it and tunnels to IPv4 addresses has a range of its own. */
function kindOfIpv6(address: ipaddr.IPv4 | ipaddr.IPv6): AddressKind {
  const range = address.range();
  if (range === "uniqueLocal") return "private";
  if (range === "loopback") return "loopback";
  return range === "unicast" && (address.toByteArray()[0] ?? 0) >> 5 === 1 ? "public" : "special";
}

/** Services that give a machine its credentials at addresses that are not link-local. */
const metadataServices: ReadonlySet<string> = new Set(
  [
    // Amazon, over IPv6.
    "fd00:ec2::254",
    "fd00:ec2::23",
    // Google, over IPv6.
    "fd20:ce::254",
    // Alibaba.
    "100.100.100.200",
    // Oracle's first generation.
    "192.0.0.192",
    // Azure's agent of virtual machines.
    "168.63.129.16",
  ].map((address) => ipaddr.parse(address).toString()),
);

function isMetadataService(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return metadataServices.has(address.toString());
}
