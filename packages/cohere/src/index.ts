export { dheeraAi, litellmProxy, type LitellmProxyOptions } from "./chained-proxy.ts";
export { cohere, type CohereOptions } from "./cohere.ts";
