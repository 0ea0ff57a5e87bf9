export { llm, type LlmOptions } from "./llm.ts";
