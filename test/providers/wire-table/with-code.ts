import { azureEntra } from "./azure-entra.ts";
import { bedrockInvokeModel, bedrockRerank } from "./bedrock.ts";
import { vertex } from "./vertex.ts";
import { volcengine } from "./volcengine.ts";
import { watsonx } from "./watsonx.ts";
import type { WireTable } from "./wire-case.ts";

/** Providers that are a package of their own, because their requests are signed or their keys exchanged. */
export const withCode: readonly WireTable[] = [
  bedrockRerank,
  bedrockInvokeModel,
  vertex,
  volcengine,
  watsonx,
  azureEntra,
];
