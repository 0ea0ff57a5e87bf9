import type { DefinedRow } from "../engine/define-row.ts";
import { azureAi } from "./azure-ai.ts";
import { baiduQianfan } from "./baidu-qianfan.ts";
import { cloudflare } from "./cloudflare.ts";
import { cohereRow } from "./cohere.ts";
import { contextual } from "./contextual.ts";
import { dashscopeNative } from "./dashscope-native.ts";
import { dashscope } from "./dashscope.ts";
import { deepinfra } from "./deepinfra.ts";
import { elastic } from "./elastic.ts";
import { fireworksAi } from "./fireworks-ai.ts";
import { gpustack } from "./gpustack.ts";
import { greenpt } from "./greenpt.ts";
import { huaweiMaas } from "./huawei-maas.ts";
import { isaacus } from "./isaacus.ts";
import { jinaAi } from "./jina-ai.ts";
import { localai } from "./localai.ts";
import { mixedbread } from "./mixedbread.ts";
import { moark } from "./moark.ts";
import { novita } from "./novita.ts";
import { nvidiaNim } from "./nvidia-nim.ts";
import { openrouter } from "./openrouter.ts";
import { pinecone } from "./pinecone.ts";
import { prime } from "./prime.ts";
import { dheeraAiRow, litellmProxyRow } from "./proxies.ts";
import { qwenAiPlatform } from "./qwen-ai-platform.ts";
import { qwencloud } from "./qwencloud.ts";
import { scaleway } from "./scaleway.ts";
import { siliconflow } from "./siliconflow.ts";
import { togetherAi } from "./together-ai.ts";
import { voyage } from "./voyage.ts";
import { xinference } from "./xinference.ts";
import { zeroentropy } from "./zeroentropy.ts";

/** Every provider that is a row. */
export const allRows: readonly DefinedRow[] = [
  cohereRow,
  azureAi,
  baiduQianfan,
  cloudflare,
  contextual,
  dashscope,
  dashscopeNative,
  deepinfra,
  elastic,
  fireworksAi,
  gpustack,
  greenpt,
  huaweiMaas,
  isaacus,
  jinaAi,
  localai,
  mixedbread,
  moark,
  novita,
  nvidiaNim,
  openrouter,
  pinecone,
  prime,
  qwenAiPlatform,
  qwencloud,
  scaleway,
  siliconflow,
  togetherAi,
  voyage,
  xinference,
  zeroentropy,
  dheeraAiRow,
  litellmProxyRow,
];
