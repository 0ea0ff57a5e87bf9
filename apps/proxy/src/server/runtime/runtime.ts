import type { App } from "../../app.ts";
import type { InFlight } from "../../gateway/in-flight.ts";
import type { PeerAddress } from "../../http/handle.ts";
import type { Logger } from "../../telemetry/telemetry.ts";

/** What differs between Node.js and Bun when a server listens. */
export interface Runtime {
  /** Listens for requests. @throws Error with the system's `code` (`EADDRINUSE`, `EACCES`, `ENOTFOUND` …) */
  listen(app: App, options: ListenOptions): Promise<Listener>;
  /** Reads the sender's address from what `listen` hands to the app with a request. */
  readonly peerAddress: PeerAddress;
  /**
   * The port that each of several processes is to ask for.
   * @throws Error with the system's `code` when another program has it
   */
  sharedPort(host: string, port: number): Promise<number>;
}

/** What TLS needs, as PEM. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
}

export interface ListenOptions {
  /** HTTPS in place of HTTP. */
  readonly tls?: ServerTls | undefined;
  /** Seconds that a connection without a request stays open; 75 when absent. */
  readonly keepAliveTimeout?: number | undefined;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether other processes of this server listen there too. */
  readonly isShared: boolean;
  /** While it is true, every answer is the last one of its connection. */
  readonly isDraining: () => boolean;
  readonly log: Logger;
}

/** A server that listens. */
export interface Listener {
  readonly port: number;
  /**
   * Stops, once readiness says no. New requests are still answered for at most half of the time, because load balancers
   * need a while to notice. Then no connection is accepted and the requests in flight may finish; those that do not
   * finish in time are cut off.
   * @param timeoutMs of the whole stop
   */
  stop(inFlight: InFlight, timeoutMs: number): Promise<void>;
}
