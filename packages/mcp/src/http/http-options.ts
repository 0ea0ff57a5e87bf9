/** Who may reach the server over HTTP, and how much it holds. */
export interface HttpOptions {
  /**
   * Keys of which a client has to send one, as `Authorization: Bearer …`. Without any, everybody who reaches the server
   * may use it.
   */
  readonly keys?: readonly string[] | undefined;
  /**
   * Names that the `Host` of a request may have, without a port: what keeps a page in a browser from reaching a server on
   * this machine under a name of its own. Any name when absent. Holds for all paths of `listen`.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Hosts of pages that may call from a browser, which is told so by CORS. Default none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Sessions of clients of 2025's protocol at one time, at most. Default 200; later clients have none. */
  readonly sessions?: number | undefined;
  /** Seconds after the last request after which a session ends: 1 to 2,000,000. Default 1,800. */
  readonly sessionSeconds?: number | undefined;
}

export const defaultSessions = 200;
export const defaultSessionSeconds = 1_800;
