import { type DataRecord, isRecord } from "./record.ts";

/** LiteLLM's names of keys, by the proxy's own name. */
export const otherNames: Readonly<Record<string, readonly string[]>> = {
  dheera_ai_params: ["litellm_params"],
  dheera_ai_settings: ["litellm_settings"],
  key_header_name: ["litellm_key_header_name", "dheera_ai_key_header_name"],
};

/**
 * The same data under the proxy's own names. Where a key is there under both names, LiteLLM's name stays and the check
 * of unknown keys reports it.
 */
export function adoptLiteLlmNames(data: DataRecord): DataRecord {
  const { model_list, general_settings } = data;
  return {
    ...adopt(data, ["dheera_ai_settings"]),
    ...(Array.isArray(model_list) && {
      model_list: model_list.map((entry: unknown) => (isRecord(entry) ? adopt(entry, ["dheera_ai_params"]) : entry)),
    }),
    ...(isRecord(general_settings) && { general_settings: adopt(general_settings, ["key_header_name"]) }),
  };
}

function adopt(data: DataRecord, names: readonly string[]): DataRecord {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [ourName(key, data, names), value]));
}

function ourName(key: string, data: DataRecord, names: readonly string[]): string {
  return names.find((name) => otherNames[name]?.includes(key) && !(name in data)) ?? key;
}
