import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/**
 * SHA-256 of a file, in hex. Read once, and again when it is another file or has another size or time of change.
 * @throws Error where it cannot be read
 */
export async function hashFile(path: string): Promise<string> {
  const identity = await identify(path);
  const known = hashes.get(identity);
  if (known) return known;
  const hash = read(path);
  if (hashes.size >= mostHashes) hashes.delete(hashes.keys().next().value ?? "");
  hashes.set(identity, hash);
  // A failure is not remembered, nor the hash of a file that was written meanwhile.
  const settled = await hash.catch(() => undefined);
  if (settled === undefined || (await identify(path)) !== identity) hashes.delete(identity);
  return hash;
}

/** By what tells one content of a path from another. */
const hashes = new Map<string, Promise<string>>();
const mostHashes = 100;

async function identify(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

async function read(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(bytes);
  return hash.digest("hex");
}
