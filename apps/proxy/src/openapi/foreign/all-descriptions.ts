import { dashscopeNative } from "./dashscope-native.ts";
import { dashscope } from "./dashscope.ts";
import type { ForeignDescription } from "./foreign-description.ts";
import { infinity } from "./infinity.ts";
import { jina } from "./jina.ts";
import { mixedbread } from "./mixedbread.ts";
import { nvidia } from "./nvidia.ts";
import { pinecone } from "./pinecone.ts";
import { together } from "./together.ts";
import { vllmScore } from "./vllm-score.ts";
import { voyage } from "./voyage.ts";
import { weaviate } from "./weaviate.ts";

/** By the word that the names of their schemas begin with. */
export const foreignDescriptions = {
  Jina: jina,
  Voyage: voyage,
  Together: together,
  Pinecone: pinecone,
  Mixedbread: mixedbread,
  Nvidia: nvidia,
  Dashscope: dashscope,
  DashscopeNative: dashscopeNative,
  VllmScore: vllmScore,
  Infinity: infinity,
  Weaviate: weaviate,
} as const satisfies Record<string, ForeignDescription>;

export type ForeignName = keyof typeof foreignDescriptions;

export const foreignNames = Object.keys(foreignDescriptions).filter(
  (name): name is ForeignName => name in foreignDescriptions,
);
