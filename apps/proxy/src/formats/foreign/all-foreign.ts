import type { ForeignFormat } from "../request-format.ts";
import { weaviate } from "../search-engines/weaviate.ts";
import { dashscopeNative } from "./dashscope-native.ts";
import { dashscope } from "./dashscope.ts";
import { infinity } from "./infinity.ts";
import { jina } from "./jina.ts";
import { mixedbread } from "./mixedbread.ts";
import { nvidia } from "./nvidia.ts";
import { pinecone } from "./pinecone.ts";
import { together } from "./together.ts";
import { vllmScore } from "./vllm-score.ts";
import { voyage } from "./voyage.ts";

/** The API of each other server whose clients can use the proxy. */
export const foreignFormats: readonly ForeignFormat[] = [
  jina,
  voyage,
  together,
  pinecone,
  mixedbread,
  nvidia,
  dashscope,
  dashscopeNative,
  vllmScore,
  infinity,
  weaviate,
];
