import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** Connections on which a file arrives: that may take longer than any other request, and whoever reads it notices a client that is gone. */
const uploading = new WeakSet<object>();

/** To be called when a file begins to be read. */
export function markUpload(incoming: IncomingMessage): void {
  const { socket } = incoming;
  uploading.add(socket);
  incoming.once("close", () => uploading.delete(socket));
}

export function isUploading(socket: Socket): boolean {
  return uploading.has(socket);
}
