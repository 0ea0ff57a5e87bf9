/**
 * The part of Bun that the server uses. `@types/bun` has all of it, but changes the types of everything that is checked
 * together with it.
 */
export interface Bun {
  /** Listens at once. @throws Error with the system's `code` */
  serve(options: BunServeOptions): BunServer;
}

export interface BunServeOptions {
  /** An address; for an unknown name Bun reports only an invalid argument. */
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether other processes may listen there too. */
  readonly reusePort?: boolean;
  /** HTTPS in place of HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether an error is shown on a page of Bun's own. */
  readonly development?: boolean;
  /**
   * Seconds without data after which a connection is closed, also while a request waits for its answer: 0 for never, at
   * most 255.
   */
  readonly idleTimeout?: number;
  /** Bytes; a larger body is answered with an empty 413. */
  readonly maxRequestBodySize?: number;
  fetch(request: Request, server: BunServer): Response | Promise<Response>;
  /** Makes the answer when `fetch` throws. */
  error?(error: unknown): Response;
}

export interface BunServer {
  readonly port: number;
  /** The sender of a request that has not been answered yet. */
  requestIP(request: Request): { readonly address: string } | null;
  /**
   * Sets the idle timeout of the connection of a request that has not been answered yet, in the same seconds. It stays
   * after the answer.
   */
  timeout(request: Request, seconds: number): void;
  /**
   * Closes the listening socket and all idle connections, or with `abruptly` every connection. Resolves when no
   * connection is left.
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
