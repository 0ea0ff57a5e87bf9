import { describe, expect, it } from "vitest";

import { ConfigError } from "../config/config-error.ts";
import { parseConfig } from "../config/parse-config.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { createGateway, type Gateway } from "./gateway.ts";

const environment = { AWS_CONFIG_FILE: "/nowhere", AWS_SHARED_CREDENTIALS_FILE: "/nowhere" };

describe("a gateway with models of optional packages", () => {
  it("knows their parameters when it is made", async () => {
    const entry = (params: string): Promise<Gateway> =>
      open(`model_list: [{ model_name: a, dheera_ai_params: { model: "bedrock/amazon.rerank-v1:0", ${params} } }]`);
    await expect(entry("aws_region_name: us west")).rejects.toThrow(ConfigError);
    await expect(entry("aws_region_name: us west")).rejects.toThrow("aws_region_name must be a region");
    await expect(entry("aws_regionname: us-west-2")).rejects.toThrow("did you mean aws_region_name?");
    const gateway = await entry("aws_region_name: us-west-2");
    expect(gateway.warnings.join()).not.toContain("cannot serve");
    await gateway.close();
  });

  it("knows those of Azure where a token of Entra takes the place of a key", async () => {
    const entry = (params: string): Promise<Gateway> =>
      open(
        `model_list: [{ model_name: a, dheera_ai_params: { model: azure_ai/m, api_base: "https://mine.services.ai.azure.com", ${params} } }]`,
      );
    await expect(entry("azure_credential: Magic")).rejects.toThrow("must be one of ClientSecretCredential");
    await expect(entry("tenant_id: t")).rejects.toThrow("client_id and client_secret of this deployment are missing");
    for (const params of ["tenant_id: t, client_id: c, client_secret: s", "api_key: key", "azure_ad_token: token"]) {
      const gateway = await entry(params);
      expect(gateway.warnings.join()).not.toMatch(/azure|cannot serve/);
      await gateway.close();
    }
  });

  it("leaves a package out that a plug-in replaces", async () => {
    await using folder = await temporaryFolder({
      "mine.mjs": 'export default { name: "bedrock", optionNames: ["mine"], connect: () => ({}) };',
    });
    const gateway = await open(
      "plugins: [./mine.mjs]\nmodel_list: [{ model_name: a, dheera_ai_params: { model: bedrock/x, mine: 1 } }]",
      folder.path,
    );
    expect(gateway.warnings.join()).not.toMatch(/mine|cannot serve/);
    await gateway.close();
  });
});

function open(yaml: string, directory?: string): Promise<Gateway> {
  const { config } = parseConfig(yaml, { file: "config.yaml", environment: {} });
  return createGateway(config, { environment, ...(directory !== undefined && { directory }) });
}
