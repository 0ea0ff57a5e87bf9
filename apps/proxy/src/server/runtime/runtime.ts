import type { App } from "../../app.ts";
import type { PeerAddress } from "../../http/handle.ts";
import type { Logger } from "../../telemetry/telemetry.ts";
import type { InFlight } from "../../gateway/in-flight.ts";
import { findBun } from "./bun.ts";

/** What differs between Node.js and Bun when a server listens. */
export interface Runtime {
  /** Listens for requests. @throws Error with the system's `code` (`EADDRINUSE`, `EACCES`, `ENOTFOUND` …) */
  listen(app: App, options: ListenOptions): Promise<Listener>;
  /** Who sent a request, told from what `listen` hands to the app with it. */
  readonly peerAddress: PeerAddress;
  /** The port that each of several processes is to ask for. @throws Error with the system's `code` when it is another program's */
  sharedPort(host: string, port: number): Promise<number>;
}

export interface ListenOptions {
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
   * Stops, once readiness says no. While requests still come they are answered, for half of the time at most: whoever sends them may not have
   * noticed. Then nothing new is accepted and what is under way may finish; what does not by the end is cut off.
   * @param most milliseconds
   */
  stop(inFlight: InFlight, most: number): Promise<void>;
}

/** The runtime of this program; the other one's part is not loaded. */
export async function findRuntime(): Promise<Runtime> {
  const bun = findBun();
  if (bun) return (await import("./bun-runtime.ts")).bunRuntime(bun);
  return (await import("./node-runtime.ts")).nodeRuntime;
}
