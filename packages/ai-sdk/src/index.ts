export type { DheeraRerankingOptions } from "./options.ts";
export { createDheeraAI, dheera, type DheeraAIProvider } from "./provider.ts";
export type { DheeraAISettings, InProcessSettings, ProxySettings } from "./settings.ts";
