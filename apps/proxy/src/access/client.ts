/** Where a request comes from. */
export interface Client {
  /** Address of the peer that connected; absent where the runtime does not tell. */
  readonly peer: string | undefined;
  /** The client's address: the peer's, or what a trusted proxy says of it. */
  readonly address: string | undefined;
}

/**
 * Reads who is at the door. Of `X-Forwarded-For` only the last entry counts: the nearest proxy wrote it, whereas anybody can write those before
 * it.
 */
export function identifyClient(headers: Pick<Headers, "get">, peer: string | undefined, useForwardedFor: boolean): Client {
  const forwarded = useForwardedFor ? headers.get("x-forwarded-for") : null;
  return { peer, address: forwarded?.split(",").at(-1)?.trim() || peer };
}
