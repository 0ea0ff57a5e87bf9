import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { afterAll, describe } from "vitest";

import { type RuntimeProxy, testRuntime } from "../../test/support/runtime-suite.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";

// What is built of `src/worker.ts`. `pnpm test` builds before it runs this.
describe("the proxy on workerd", () => {
  const stack = new AsyncDisposableStack();
  afterAll(() => stack.disposeAsync());

  testRuntime(async (config, environment): Promise<RuntimeProxy> => {
    const capnp = (await readFile(`${import.meta.dirname}/config.capnp`, "utf8")).replaceAll("HF_TOKEN", "TEI_TOKEN");
    const worker = await readFile(`${import.meta.dirname}/dist/worker.js`, "utf8");
    const folder = stack.use(
      await createFolder({ "config.capnp": capnp, "config.yaml": config, "dist/worker.js": worker }),
    );
    const child = spawn(
      workerdBinary(),
      // It says on descriptor 3 which port it was given.
      ["serve", `${folder.path}/config.capnp`, "--socket-addr=http=127.0.0.1:0", "--control-fd=3"],
      { env: { ...environment }, stdio: ["ignore", "inherit", "inherit", "pipe"] },
    );
    const url = `http://127.0.0.1:${await portOf(child)}`;
    return {
      url,
      stop: async () => {
        child.kill("SIGTERM");
        await once(child, "exit");
        return child.exitCode;
      },
    };
  });
});

async function portOf(child: ChildProcess): Promise<number> {
  const control = child.stdio[3];
  if (!(control instanceof Readable)) throw new Error("workerd has no control channel");
  for await (const line of createInterface(control)) {
    const port = /"event":"listen".*"port":(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("workerd ended before it listened");
}

/**
 * The package `workerd` puts its binary in place in an install script; the package that it comes from holds it already.
 */
function workerdBinary(): string {
  const requireFromWorkerd = createRequire(createRequire(import.meta.url).resolve("workerd/package.json"));
  const architecture = process.arch === "x64" ? "64" : process.arch;
  return requireFromWorkerd.resolve(`@cloudflare/workerd-${process.platform}-${architecture}/bin/workerd`);
}
