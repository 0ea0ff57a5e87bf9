import { withServer } from "@dheera-ai/core/testing";
import { expect, test, vi } from "vitest";

import { azure } from "../testing/azure.ts";
import { dheeraOf } from "../testing/dheera-of.ts";

/**
 * In one test with one server, because Microsoft's library finds out once for the whole process where the machine's tokens
 * are, and keeps those of each scope.
 */
test("a machine's token comes from its metadata service, as often as it is needed, for an identity that is named", async () => {
  const cloud = azure();
  await withServer(cloud.reply, async ({ url, requests }) => {
    vi.stubEnv("AZURE_POD_IDENTITY_AUTHORITY_HOST", url);
    vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "prod");
    const managed = { azure_credential: "ManagedIdentityCredential" };
    for (const { params = {}, environment = {} } of [
      { params: { ...managed, azure_scope: "https://one.azure.com/.default" } },
      { params: { ...managed, azure_scope: "https://two.azure.com/.default", client_id: "second" } },
      { params: { azure_credential: "DefaultAzureCredential", azure_scope: "https://three.azure.com/.default" } },
      {
        environment: { AZURE_CREDENTIAL: "ManagedIdentityCredential", AZURE_SCOPE: "https://four.azure.com/.default" },
      },
    ]) {
      await using dheera = dheeraOf(url, params, environment);
      const { results } = await dheera.rerank({ model: "m", query: "capital", documents: ["a town", "the capital"] });
      expect(results[0]?.index).toBe(1);
    }
    expect(cloud.grants).toEqual(["managed", "managed second", "managed", "managed"]);
    expect(requests.map(({ path }) => path.split("?")[0]?.replace(/\/$/, ""))).toEqual(
      Array.from({ length: 4 }, () => [
        "/metadata/identity/oauth2/token",
        "/my-resource.services.ai.azure.com/providers/cohere/v2/rerank",
      ]).flat(),
    );
  });
  vi.unstubAllEnvs();
});
