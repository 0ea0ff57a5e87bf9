import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";

import * as v from "valibot";

import type { PackedPackage } from "../../release/packages.ts";

/** A package registry on loopback. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves packed packages as a registry would after a release, and everything else from the registry of this machine:
 * what installs from it installs what users will get.
 * @param upstream the registry of this machine
 */
export async function startRegistry(packages: readonly PackedPackage[], upstream: string): Promise<Registry> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  const url = `http://127.0.0.1:${port}`;
  const tarballs = new Map(packages.map(({ tarball }) => [`/tarballs/${basename(tarball)}`, tarball]));
  const documents = new Map(
    await Promise.all(packages.map(async (packed) => [packed.manifest.name, await describe(packed, url)] as const)),
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path = "/", headers } = request;
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return void response.end(await readFile(tarball));
    const document = documents.get(decodeURIComponent(path.slice(1)));
    if (document !== undefined)
      return void response.setHeader("content-type", "application/json").end(JSON.stringify(document));
    // Reports of vulnerabilities and the like are asked for by POST, and not needed here.
    if (method !== "GET") return void response.writeHead(404).end("{}");
    const { accept = "*/*" } = headers;
    const { status, headers: got, body } = await fetch(new URL(path.slice(1), upstream), { headers: { accept } });
    response.writeHead(status, { "content-type": got.get("content-type") ?? "application/json" });
    if (body === null) response.end();
    else await pipeline(body, response);
  }

  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/**
 * What a registry says of a package with one version. Some clients install nothing that was published within the last
 * days.
 */
async function describe({ manifest, tarball }: PackedPackage, url: string): Promise<unknown> {
  const { name, version } = manifest;
  const bytes = await readFile(tarball);
  const dist = {
    tarball: `${url}/tarballs/${basename(tarball)}`,
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    shasum: createHash("sha1").update(bytes).digest("hex"),
  };
  const published = "2026-01-01T00:00:00.000Z";
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { created: published, modified: published, [version]: published },
  };
}
