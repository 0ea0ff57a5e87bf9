import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { lintCompose } from "./testing/lint-compose.ts";
import { readLocalServices } from "./testing/local-services.ts";

const here = import.meta.dirname;
const path = join(here, "compose.local.yaml");
const { proxy, pull } = await readLocalServices();

describe("the compose file for a model in the process", () => {
  it("fits the schema of Compose and has no mistake that its linter knows", () => {
    expect(lintCompose(path)).toEqual([]);
  });

  it("builds the image that has what local models need, once for both services", async () => {
    for (const { build, image } of [proxy, pull]) {
      expect(build).toEqual({ context: "..", dockerfile: "deploy/Dockerfile", target: "local" });
      expect(image).toBe(proxy.image);
    }
    expect(await readFile(join(here, "Dockerfile"), "utf8")).toContain(" AS local\n");
  });

  it("serves the model that the other service has pulled, into the folder that the image looks in", async () => {
    const [, model = ""] = proxy.command;
    expect(pull.command).toEqual(["pull", model.replace(/^local\//, "")]);
    expect(await readFile(join(here, "Dockerfile"), "utf8")).toContain("ENV HF_HUB_CACHE=/models\n");
    expect([proxy.volumes, pull.volumes]).toEqual([["models:/models:ro"], ["models:/models"]]);
  });

  it("leaves a proxy that nobody else can call, and that can call nobody", async () => {
    expect(proxy.ports).toEqual(["127.0.0.1:4000:4000"]);
    expect(proxy.environment).toEqual({
      DHEERA_AI_MASTER_KEY: expect.stringMatching(/^\$\{DHEERA_AI_MASTER_KEY:\?.+\}$/),
      HF_HUB_OFFLINE: "1",
    });
    expect(proxy.networks).toEqual(["offline"]);
    const { networks } = v.parse(
      v.object({ networks: v.record(v.string(), v.unknown()) }),
      parse(await text(), { merge: true }),
    );
    expect(networks).toEqual({
      offline: { driver_opts: { "com.docker.network.bridge.enable_ip_masquerade": "false" } },
    });
    expect(pull.networks).toBeUndefined();
  });

  it("writes nothing but the models, as nobody in particular", () => {
    for (const service of [proxy, pull])
      expect(service).toMatchObject({
        read_only: true,
        tmpfs: ["/tmp"],
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
    // It runs only where it is named.
    expect(pull.profiles).toEqual(["pull"]);
  });
});

function text(): Promise<string> {
  return readFile(path, "utf8");
}
