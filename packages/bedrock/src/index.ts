export { bedrock, type BedrockOptions } from "./bedrock.ts";
