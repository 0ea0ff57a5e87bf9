import { azureEntra } from "./with-code/azure-entra.ts";
import { bedrockInvokeModel, bedrockRerank } from "./with-code/bedrock.ts";
import { llm } from "./with-code/llm.ts";
import { vertex } from "./with-code/vertex.ts";
import { volcengine } from "./with-code/volcengine.ts";
import { watsonx } from "./with-code/watsonx.ts";
import type { WireTable } from "./wire-case.ts";

/** Providers that are a package of their own, because data cannot say how they are asked. */
export const withCode: readonly WireTable[] = [
  bedrockRerank,
  bedrockInvokeModel,
  llm,
  vertex,
  volcengine,
  watsonx,
  azureEntra,
];
