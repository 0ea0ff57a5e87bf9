export { DheeraAIRerank } from "./dheera-ai-rerank.ts";
export type { DheeraAIRerankOptions, RequestFields } from "./options.ts";
