import { readFile } from "node:fs/promises";

import { azureAi } from "@dheera-ai/azure";
import { bedrock } from "@dheera-ai/bedrock";
import { llm } from "@dheera-ai/llm";
import { local } from "@dheera-ai/local";
import { vertexAi } from "@dheera-ai/vertex";
import { watsonx } from "@dheera-ai/watsonx";
import { rowProviders } from "@dheera-ai/providers";
import { expect, it } from "vitest";

const ofRows = new Set(rowProviders({ environment: {} }).flatMap(({ optionNames = [] }) => optionNames));

it.each([
  { folder: "azure", provider: azureAi({ environment: {} }) },
  { folder: "bedrock", provider: bedrock({ environment: {} }) },
  { folder: "llm", provider: llm({ environment: {} }) },
  { folder: "local", provider: local({ environment: {} }) },
  { folder: "vertex", provider: vertexAi({ environment: {} }) },
  { folder: "watsonx", provider: watsonx({ environment: {} }) },
])("packages/$folder/README.md names every parameter", async ({ folder, provider }) => {
  const readme = await readFile(new URL(`../../packages/${folder}/README.md`, import.meta.url), "utf8");
  const names = (provider.optionNames ?? []).filter((name) => !ofRows.has(name));
  expect(names.filter((name) => !readme.includes(name))).toEqual([]);
});
