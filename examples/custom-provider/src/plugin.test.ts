import { readFile } from "node:fs/promises";

import { createDheera } from "@dheera-ai/core";
import { withServer } from "@dheera-ai/core/testing";
import { createGateway, loadConfig } from "@dheera-ai/proxy";
import { expect, test } from "vitest";

import acme from "./index.ts";

const folder = new URL("..", import.meta.url);
const request = {
  query: "What is the capital of the United States?",
  documents: ["Carson City", "Washington, D.C."],
  top_n: 1,
};
const answer = {
  relevance: [
    { passage: 1, value: 0.93 },
    { passage: 0, value: 0.04 },
  ],
  tokens: 12,
};

test("the library takes it as it is", async () => {
  await withServer(
    () => ({ body: answer }),
    async ({ url }) => {
      const dheera = createDheera({ providers: [acme] });
      const { results, usage } = await dheera.rerank({
        model: "acme/relevance-1",
        api_base: url,
        api_key: "key",
        ...request,
      });
      expect(results).toEqual([{ index: 1, relevance_score: 0.93 }]);
      expect(usage).toEqual({ prompt_tokens: 12, completion_tokens: 0, total_tokens: 12 });
    },
  );
});

test("the proxy loads it from config.yaml, by path", async () => {
  await withServer(
    () => ({ body: answer }),
    async ({ url, requests }) => {
      const environment = { ACME_API_BASE: url, ACME_API_KEY: "key" };
      const { config } = await loadConfig(new URL("config.yaml", folder).pathname, environment);
      const gateway = await createGateway(config, { environment, directory: folder.pathname });
      const { results } = await gateway.dheera.rerank({ model: "acme", ...request });
      await gateway.close();
      expect(results).toEqual([{ index: 1, relevance_score: 0.93 }]);
      expect(requests).toMatchObject([{ path: "/v1/relevance", headers: { authorization: "Bearer key" } }]);
    },
  );
});

test("the documentation shows this very file and its test", async () => {
  const documentation = await readFile(new URL("../../docs/providers.md", folder), "utf8");
  for (const file of ["index.ts", "index.test.ts"])
    expect(documentation).toContain(await readFile(new URL(`src/${file}`, folder), "utf8"));
});
