import type { Terminal } from "./terminal.ts";

/**
 * The key for the server of `--api_base`: `--api_key`, or else `DHEERA_AI_API_KEY`, which is meant for a Dheera AI proxy
 * and so goes to no address but one given on the command line. A model of a provider has the provider's own key.
 */
export function apiKeyOf(
  { model = "", api_base, api_key }: { readonly model?: string; readonly api_base?: string; readonly api_key?: string },
  environment: Terminal["environment"],
): string | undefined {
  const isProxy = api_base !== undefined && (!model.includes("/") || model.startsWith("dheera_ai/"));
  return api_key ?? (isProxy ? environment["DHEERA_AI_API_KEY"] || undefined : undefined);
}
