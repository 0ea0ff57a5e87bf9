/**
 * What the example uses of Bun. `@types/bun` has all of it, and changes the types of everything that is checked
 * together with it.
 */
declare const Bun: {
  serve(options: BunServeOptions): BunServer;
};

interface BunServeOptions {
  readonly hostname: string;
  readonly port: number;
  /** Seconds; 0 for ever. */
  readonly idleTimeout: number;
  fetch(request: Request): Response | Promise<Response>;
}

interface BunServer {
  readonly url: URL;
  requestIP(request: Request): { readonly address: string } | null;
  /** Resolves when requests under way have ended. */
  stop(): Promise<void>;
}
