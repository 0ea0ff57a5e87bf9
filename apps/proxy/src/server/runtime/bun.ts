/** What the server uses of Bun. `@types/bun` has all of it, and changes the types of everything that is checked together with it. */
export interface Bun {
  /** Listens at once. @throws Error with the system's `code` */
  serve(options: BunServeOptions): BunServer;
}

export interface BunServeOptions {
  /** An address; of a name that is unknown Bun says only that it is an invalid argument. */
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether other processes may listen there too. */
  readonly reusePort?: boolean;
  /** Whether a fault is shown on a page of Bun's own. */
  readonly development?: boolean;
  /** Seconds of silence after which a connection is closed, also while a request waits for its answer: 0 for never, at most 255. */
  readonly idleTimeout?: number;
  /** Bytes; more is answered with 413 and nothing else. */
  readonly maxRequestBodySize?: number;
  fetch(request: Request, server: BunServer): Response | Promise<Response>;
  /** Answers what `fetch` threw. */
  error?(error: unknown): Response;
}

export interface BunServer {
  readonly port: number;
  /** Who sent a request that has not been answered yet. */
  requestIP(request: Request): { readonly address: string } | null;
  /** Sets the idle timeout of the connection of a request that has not been answered yet, in the same seconds. It stays after the answer. */
  timeout(request: Request, seconds: number): void;
  /**
   * Closes the listening socket and all idle connections, or with `abruptly` every connection. Resolves when no connection is left.
   */
  stop(abruptly?: boolean): Promise<void>;
}

/** Bun, where it runs this program. */
export function findBun(): Bun | undefined {
  const bun: unknown = Reflect.get(globalThis, "Bun");
  return isBun(bun) ? bun : undefined;
}

function isBun(value: unknown): value is Bun {
  return typeof value === "object" && value !== null && "serve" in value;
}
