import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { childrenOf } from "../../../../packages/local/src/process/testing/children-of.ts";
import { parseConfig } from "../config/parse-config.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { createGateway, type Gateway } from "./gateway.ts";

const models = fileURLToPath(new URL("../../../../packages/local/src/fixtures/models", import.meta.url));

describe("a gateway with models that run on this machine", () => {
  it("says where one is not there, and how to get it, and serves it as soon as it is", async () => {
    await using folder = await temporaryFolder({ "config.yaml": "" });
    const gateway = await open(
      `model_list:
  - { model_name: late, dheera_ai_params: { model: local/./late } }
  - { model_name: absent, dheera_ai_params: { model: local/acme/absent } }
  - { model_name: there, dheera_ai_params: { model: "local/${models}/cross-encoder" } }`,
      folder.path,
    );
    expect(gateway.warnings).toEqual([
      expect.stringMatching(/ late cannot serve now: .*late/),
      expect.stringMatching(/ absent cannot serve now: .*dheera_ai pull acme\/absent/),
    ]);
    await cp(join(models, "cross-encoder"), join(folder.path, "late"), { recursive: true });
    const checked = gateway.dheera.deployments().find(({ modelName }) => modelName === "late");
    await gateway.dheera.check(checked?.id ?? "");
    await gateway.close();
  });

  it("says what is wrong with the parameters of one", async () => {
    const of = (params: string): Promise<Gateway> =>
      open(
        `model_list: [{ model_name: a, dheera_ai_params: { model: "local/${models}/cross-encoder", ${params} } }]`,
        ".",
      );
    await expect(of("threads: none")).rejects.toThrow("threads must be a whole number from 1 to 1024");
    await expect(of("thread: 2")).rejects.toThrow("did you mean threads?");
    const gateway = await of("memory_limit_mb: 0.001");
    expect(gateway.warnings.join()).toContain("a cannot serve now: memory_limit_mb: ");
    await gateway.close();
  });

  it("wakes none by checking its health", async () => {
    const before = childrenOf(process.pid);
    const gateway = await open(
      `model_list: [{ model_name: a, dheera_ai_params: { model: "local/${models}/cross-encoder" } }]`,
      ".",
    );
    expect(await gateway.health.results(new Set(["a"]))).toMatchObject([{ isHealthy: true }]);
    expect(childrenOf(process.pid)).toEqual(before);
    await gateway.close();
  });

  it("reports one as unhealthy that is not there", async () => {
    const gateway = await open("model_list: [{ model_name: a, dheera_ai_params: { model: local/./nowhere } }]", ".");
    expect(await gateway.health.results(new Set(["a"]))).toMatchObject([
      { isHealthy: false, details: { error: { code: "model_not_found" } } },
    ]);
    await gateway.close();
  });
});

function open(yaml: string, directory: string): Promise<Gateway> {
  const { config } = parseConfig(yaml, { file: "config.yaml", environment: {} });
  return createGateway(config, { environment: { HF_HUB_CACHE: "/nowhere" }, directory });
}
