export {
  DheeraAIRerank,
  type DheeraAIRerankFields,
  type DheeraAIRerankOptions,
  type RankedIndex,
} from "./dheera-ai-rerank.ts";
export type { RequestFields } from "./request-fields.ts";
export type { RankableDocument } from "./contents.ts";
