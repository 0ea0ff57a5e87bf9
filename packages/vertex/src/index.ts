export { vertexAi, type VertexAiOptions } from "./vertex-ai.ts";
