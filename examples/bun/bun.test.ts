import { afterAll, describe, expect, it } from "vitest";

import { bunBinary } from "../../test/support/bun-binary.ts";
import { startProgram } from "../../test/support/proxy-process.ts";
import { type RuntimeProxy, testRuntime } from "../../test/runtimes/runtime-suite.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";

describe("the proxy under Bun.serve", () => {
  const stack = new AsyncDisposableStack();
  afterAll(() => stack.disposeAsync());

  async function start(config: string, environment: Readonly<Record<string, string>>): Promise<RuntimeProxy> {
    const folder = stack.use(await createFolder({ "config.yaml": config }));
    return startProgram(
      bunBinary(),
      ["--conditions=source", `${import.meta.dirname}/main.ts`, `${folder.path}/config.yaml`, "0", "127.0.0.1"],
      environment,
    );
  }

  testRuntime(start);

  it("ends on SIGTERM", async () => {
    const config = JSON.stringify({
      model_list: [{ model_name: "bm25", dheera_ai_params: { model: "bm25/default" } }],
    });
    const proxy = await start(config, {});
    // A connection that is kept alive must not keep the process alive.
    expect((await fetch(`${proxy.url}/health/liveliness`)).status).toBe(200);
    expect(await proxy.stop()).toBe(0);
  });
});
