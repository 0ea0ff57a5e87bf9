import { shortHash } from "../lib/short-hash.ts";
import type { ModelEntry } from "./settings.ts";

/**
 * The id that the configuration gives an entry, or one made of everything but the key.
 * @param twins entries before it that are equal, which the number keeps apart
 */
export function idOfEntry(
  { model_name: name, model_info: info, dheera_ai_params: { model, api_base: apiBase } }: ModelEntry,
  twins = 0,
): string {
  return info?.id ?? `${name}-${shortHash(JSON.stringify([model, apiBase, twins]))}`;
}
