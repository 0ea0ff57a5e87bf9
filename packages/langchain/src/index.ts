export {
  DheeraAIRerank,
  type DheeraAIRerankFields,
  type DheeraAIRerankOptions,
  type RankedIndex,
  type RequestFields,
} from "./dheera-ai-rerank.ts";
export type { RankableDocument } from "./contents.ts";
