import { execFile } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { basename } from "node:path";
import { promisify } from "node:util";

import type { Tarball } from "./pack-packages.ts";

/**
 * An npm registry on loopback, so that `npm install dheera-ai` can be run as it is written before anything is
 * published.
 */
export interface PackageRegistry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves these tarballs as the newest versions of their packages; sends every other request on to the registry that npm
 * is configured with.
 */
export async function startPackageRegistry(tarballs: readonly Tarball[]): Promise<PackageRegistry> {
  const upstream = (await execute("npm", ["config", "get", "registry"])).stdout.trim();
  const manifests = new Map(
    await Promise.all(tarballs.map(async (tarball) => [tarball.name, await readManifest(tarball)] as const)),
  );

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://registry").pathname).slice(1);
    const tarball = tarballs.find(
      (candidate) => path === candidate.name || path === `tarballs/${basename(candidate.path)}`,
    );
    if (tarball === undefined) {
      response.writeHead(302, { location: new URL(request.url?.slice(1) ?? "", upstream).href }).end();
    } else if (path === tarball.name) {
      const dist = { tarball: `http://${request.headers.host}/tarballs/${basename(tarball.path)}` };
      const { name, version } = tarball;
      const versions = { [version]: { ...manifests.get(name), dist } };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
    } else {
      createReadStream(tarball.path).pipe(response);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the registry has no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readManifest({ path }: Tarball): Promise<object> {
  return JSON.parse((await execute("tar", ["-xzOf", path, "package/package.json"])).stdout);
}

const execute = promisify(execFile);
