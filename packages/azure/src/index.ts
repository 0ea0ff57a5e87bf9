export { azureAi, type AzureAiOptions } from "./azure-ai.ts";
