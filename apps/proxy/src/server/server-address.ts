import type { Server } from "node:net";

/** The URL of a server, as people type it. */
export function serverUrl(host: string, port: number, scheme: "http" | "https" = "http"): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The port a server listens on. */
export function serverPort(server: Server): number {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new TypeError("the server does not listen on a port");
  return address.port;
}
