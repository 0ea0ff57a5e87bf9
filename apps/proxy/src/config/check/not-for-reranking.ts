import {
  isOfLitellm,
  kindByName,
  mixedCatalogues,
  otherPurposes,
  withoutRerankApi,
} from "../read/litellm-providers.ts";
import { type DataRecord, isRecord } from "../read/record.ts";

/** What is left out for what the configuration says itself, so that nothing else need be said of it. */
export interface LeftOut {
  /** @param entry of `model_list` */
  hasEntry(entry: unknown): boolean;
  /** @param credential of `credential_list`: whether only entries that are left out name it */
  hasCredential(credential: unknown): boolean;
}

/**
 * Judges by the files of a configuration. No entry is left out for sure where a provider that LiteLLM does not have may
 * serve it: one of a plug-in may have any name.
 */
export function findLeftOut(files: readonly DataRecord[]): LeftOut {
  const hasPlugins = files.some(({ plugins }) => Array.isArray(plugins) && plugins.length > 0);
  const hasEntry = (entry: unknown): boolean => !hasPlugins && isLeftOut(entry);
  const entries = files.flatMap(({ model_list: list }): readonly unknown[] => (Array.isArray(list) ? list : []));
  const defaults = files.map(({ router_settings: router }) =>
    isRecord(router) ? router["default_dheera_ai_params"] : undefined,
  );
  const needed = new Set([
    ...entries.flatMap((entry) => (hasEntry(entry) ? [] : credentialOf(paramsOf(entry)))),
    ...defaults.flatMap(credentialOf),
  ]);
  const unneeded = new Set(entries.flatMap((entry) => (hasEntry(entry) ? credentialOf(paramsOf(entry)) : [])));
  return {
    hasEntry,
    hasCredential: (credential) => {
      const name = isRecord(credential) ? credential["credential_name"] : undefined;
      return unneeded.has(name) && !needed.has(name);
    },
  };
}

function isLeftOut(entry: unknown): boolean {
  const params = paramsOf(entry);
  if (!isRecord(entry) || !isRecord(params) || typeof params["model"] !== "string") return false;
  const model = withProvider(params["model"], params["custom_llm_provider"]);
  const mode = isRecord(entry["model_info"]) ? entry["model_info"]["mode"] : undefined;
  // An address that is missing may be that of a variable that is not set, which has to be said.
  return whyNotForReranking({ model, mode, hasBase: true }, (prefix) => !isOfLitellm(prefix)) !== undefined;
}

function paramsOf(entry: unknown): unknown {
  return isRecord(entry) ? entry["dheera_ai_params"] : undefined;
}

function credentialOf(params: unknown): readonly unknown[] {
  const name = isRecord(params) ? params["dheera_ai_credential_name"] : undefined;
  return name === undefined ? [] : [name];
}

export interface NamedModel {
  /** With its prefix. */
  readonly model: string;
  /** Whether the address of its server is named. */
  readonly hasBase: boolean;
  /** `model_info.mode` */
  readonly mode: unknown;
}

/**
 * Why an entry of LiteLLM's `model_list` is not a reranker: its mode, its provider or its name says so. Undefined where
 * it may be one. A configuration that was written for LiteLLM has chat models too, which must not be called as if they
 * ranked.
 * @param isProvider whether there is a provider with this prefix; what LiteLLM has it for does not count then, unless it
 * has rerankers there too
 */
export function whyNotForReranking(
  { model, hasBase, mode }: NamedModel,
  isProvider: (prefix: string) => boolean,
): string | undefined {
  if (typeof mode === "string" && mode !== "rerank") return `its mode is ${mode}`;
  const prefix = prefixOf(model) ?? "";
  const purpose = otherPurposes.get(prefix);
  if (isProvider(prefix) && (purpose !== undefined || !isOfLitellm(prefix))) return undefined;
  if (mode === "rerank") return purpose === undefined ? undefined : whyNoRerankApi(prefix, hasBase);
  if (purpose !== undefined)
    return `${prefix}/… are ${purpose}; for a reranker set model_info.mode: rerank${hasBase ? "" : " and the server's api_base"}`;
  // A name with an asterisk stands for those that requests will name.
  if (model.includes("*")) return undefined;
  const kind = kindByName(model);
  if (kind === "other") return `${model} is the name of another kind of model; if it is a reranker, ${sayRerank}`;
  if (kind === undefined && mixedCatalogues.has(prefix))
    return `nothing says that ${model} is a reranker; if it is one, ${sayRerank}`;
  return undefined;
}

const sayRerank = "set model_info.mode: rerank";

/** LiteLLM's providers of other models rerank only as servers with an API like Cohere's, whose address is named. */
function whyNoRerankApi(prefix: string, hasBase: boolean): string | undefined {
  const remedy = withoutRerankApi.get(prefix);
  if (remedy !== undefined) return `${prefix} has no rerank API; ${remedy}`;
  return hasBase ? undefined : `there is no provider ${prefix} here, and without an api_base there is no server to ask`;
}

/**
 * The model's name without a prefix with which LiteLLM says only that its server has an API like OpenAI's; undefined
 * where it has none.
 */
export function withoutForeignPrefix(model: string): string | undefined {
  const prefix = prefixOf(model);
  return prefix !== undefined && otherPurposes.has(prefix) ? model.slice(prefix.length + 1) : undefined;
}

export function prefixOf(model: string): string | undefined {
  return model.includes("/") ? model.slice(0, model.indexOf("/")) : undefined;
}

/**
 * The model as LiteLLM reads it beside `custom_llm_provider`: the provider is its prefix, unless it is that already. Any
 * other prefix is part of the name.
 */
export function withProvider(model: string, provider: unknown): string {
  return typeof provider !== "string" || provider === "" || model.startsWith(`${provider}/`)
    ? model
    : `${provider}/${model}`;
}
