export { bedrock, type BedrockOptions } from "./bedrock.ts";
export { bedrockFacts, type BedrockFacts, type BedrockModelFacts } from "./facts.ts";
