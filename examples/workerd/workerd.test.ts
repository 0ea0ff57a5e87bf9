import { readFile } from "node:fs/promises";
import { afterAll, describe } from "vitest";

import { type RuntimeProxy, testRuntime } from "../../test/runtimes/runtime-suite.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";
import { startWorkerd } from "./start-workerd.ts";

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
    return startWorkerd(`${folder.path}/config.capnp`, environment);
  });
});
