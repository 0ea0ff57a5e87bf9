export { cohere, type CohereOptions } from "./cohere.ts";
