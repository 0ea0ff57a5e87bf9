export { type ChainedProxyOptions, dheeraAi, litellmProxy } from "./chained-proxy.ts";
export { cohere, type CohereOptions } from "./cohere.ts";
