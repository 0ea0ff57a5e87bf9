import type { BunServer } from "./bun.ts";

/** Handed to the app with each request under Bun. The address is looked up when somebody asks, because that costs. */
export class BunPeer {
  readonly #server: BunServer;
  readonly #request: Request;

  constructor(server: BunServer, request: Request) {
    this.#server = server;
    this.#request = request;
  }

  /** Undefined once the request has been answered, or its client has gone. */
  get address(): string | undefined {
    return this.#server.requestIP(this.#request)?.address;
  }
}

/** The peer's address under Bun. */
export function peerOfBun(_request: Request, env: unknown): string | undefined {
  return env instanceof BunPeer ? env.address : undefined;
}
