import type { Peer } from "./access.ts";

/**
 * The client's address: the peer's, or what a trusted proxy says of it. Of `X-Forwarded-For` only the last entry counts: the nearest proxy wrote it,
 * whereas anybody can write those before it.
 */
export function clientAddress(headers: Pick<Headers, "get">, peer: Peer, useForwardedFor: boolean): string | undefined {
  const forwarded = useForwardedFor ? headers.get("x-forwarded-for") : null;
  return forwarded?.split(",").at(-1)?.trim() || peer();
}
