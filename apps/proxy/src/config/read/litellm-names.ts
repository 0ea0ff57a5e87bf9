import { type DataRecord, isRecord } from "./record.ts";

/** LiteLLM's names of keys, by the proxy's own name. */
export const otherNames: Readonly<Record<string, readonly string[]>> = {
  dheera_ai_params: ["litellm_params"],
  dheera_ai_settings: ["litellm_settings"],
  dheera_ai_credential_name: ["litellm_credential_name"],
  default_dheera_ai_params: ["default_litellm_params"],
  key_header_name: ["litellm_key_header_name", "dheera_ai_key_header_name"],
  jwt_auth: ["litellm_jwtauth"],
  api_base: ["base_url"],
};

/**
 * The same data under the proxy's own names. Where a key is there under both names, LiteLLM's name stays and the check
 * of unknown keys reports it.
 */
export function adoptLiteLlmNames(data: DataRecord): DataRecord {
  const { model_list, credential_list, general_settings, router_settings, providers } = data;
  return {
    ...adoptWithin(adopt(data, ["dheera_ai_settings"]), "dheera_ai_settings", ["api_base"]),
    ...(Array.isArray(model_list) && { model_list: model_list.map(adoptInEntry) }),
    ...(Array.isArray(credential_list) && { credential_list: credential_list.map(adoptInCredential) }),
    ...(isRecord(providers) && {
      providers: Object.fromEntries(Object.entries(providers).map(([name, row]) => [name, adoptInRow(row)])),
    }),
    ...(isRecord(general_settings) && { general_settings: adopt(general_settings, ["key_header_name", "jwt_auth"]) }),
    ...(isRecord(router_settings) && { router_settings: adoptInRouter(router_settings) }),
  };
}

/** Whether sections and parameters stand under names that only LiteLLM has. */
export function hasLitellmNames(data: DataRecord): boolean {
  const { model_list, router_settings, general_settings } = data;
  const places: readonly unknown[] = [
    data,
    router_settings,
    general_settings,
    ...(Array.isArray(model_list) ? model_list : []),
  ];
  return places.some((place) => isRecord(place) && Object.keys(place).some((key) => namesOfLitellm.has(key)));
}

const namesOfLitellm: ReadonlySet<string> = new Set([
  "litellm_params",
  "litellm_settings",
  "default_litellm_params",
  "litellm_key_header_name",
  "litellm_jwtauth",
]);

function adoptInEntry(entry: unknown): unknown {
  return isRecord(entry) ? adoptWithin(adopt(entry, ["dheera_ai_params"]), "dheera_ai_params", paramNames) : entry;
}

function adoptInCredential(credential: unknown): unknown {
  return isRecord(credential) ? adoptWithin(credential, "credential_values", ["api_base"]) : credential;
}

function adoptInRow(row: unknown): unknown {
  return isRecord(row) ? adopt(row, ["api_base"]) : row;
}

function adoptInRouter(settings: DataRecord): DataRecord {
  return adoptWithin(adopt(settings, ["default_dheera_ai_params"]), "default_dheera_ai_params", paramNames);
}

const paramNames = ["api_base", "dheera_ai_credential_name"];

function adoptWithin(data: DataRecord, key: string, names: readonly string[]): DataRecord {
  const inner = data[key];
  return isRecord(inner) ? { ...data, [key]: adopt(inner, names) } : data;
}

function adopt(data: DataRecord, names: readonly string[]): DataRecord {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [ourName(key, data, names), value]));
}

function ourName(key: string, data: DataRecord, names: readonly string[]): string {
  return names.find((name) => otherNames[name]?.includes(key) && !(name in data)) ?? key;
}
