import type { ModelEntry } from "@dheera-ai/core";

import type { Environment } from "../read/resolve-references.ts";
import type { GlobalParams } from "../schema/global-params.ts";

/**
 * The parameters with the address, the key and the headers that the settings of the whole product give a deployment
 * without its own. They hold for the prefixes for which LiteLLM reads them, so that documents and keys go where they
 * went there; a key beside an address goes to that address alone.
 */
export function withGlobalParams(params: Params, globals: GlobalParams, environment: Environment): Params {
  const prefix = params.model.slice(0, Math.max(0, params.model.indexOf("/")));
  const rules = rulesOfPrefixes[prefix];
  const isServer = rules !== undefined || params.api_base !== undefined;
  const headers = isServer && globals.headers && { ...globals.headers, ...params.extra_headers };
  const isSet = (name: string): boolean => Boolean(environment[name]);

  const place = rules && !rules.basesBefore.some(isSet) ? globals.api_base : undefined;
  const base = params.api_base ?? place;
  const [key] = (rules?.keys ?? []).flatMap(({ setting, before }) => {
    const isElsewhere = setting === "api_key" && globals.api_base !== undefined && globals.api_base !== base;
    return isElsewhere || before.some(isSet) ? [] : (globals[setting] ?? []);
  });
  return {
    ...(base !== undefined && { api_base: base }),
    ...(key !== undefined && { api_key: key }),
    ...params,
    ...(headers && { extra_headers: headers }),
  };
}

type Params = ModelEntry["dheera_ai_params"];

interface PrefixRules {
  /** Variables with an address that wins over the setting. */
  readonly basesBefore: readonly string[];
  /** The settings with a key, and the variables with one that wins over it. */
  readonly keys: readonly {
    readonly setting: "api_key" | "cohere_key" | "huggingface_key" | "infinity_key";
    readonly before: readonly string[];
  }[];
}

const anyKey = { setting: "api_key", before: [] } as const;

/** What LiteLLM reads for each prefix. For those that are not here it reads none of the settings, or serves none. */
const rulesOfPrefixes: Readonly<Record<string, PrefixRules>> = {
  cohere: {
    basesBefore: [],
    keys: [anyKey, { setting: "cohere_key", before: ["COHERE_API_KEY", "CO_API_KEY"] }],
  },
  // LiteLLM reads the address for the key alone and sends documents to Hugging Face. They stay at the named server here.
  huggingface: {
    basesBefore: ["HF_API_BASE", "HUGGINGFACE_API_BASE"],
    keys: [{ setting: "huggingface_key", before: [] }],
  },
  infinity: { basesBefore: [], keys: [{ setting: "infinity_key", before: ["INFINITY_API_KEY"] }] },
  litellm_proxy: {
    basesBefore: ["LITELLM_PROXY_API_BASE"],
    keys: [{ setting: "api_key", before: ["LITELLM_PROXY_API_KEY"] }],
  },
  dheera_ai: { basesBefore: ["DHEERA_AI_API_BASE"], keys: [{ setting: "api_key", before: ["DHEERA_AI_API_KEY"] }] },
  jina_ai: { basesBefore: [], keys: [] },
  azure_ai: { basesBefore: [], keys: [] },
  together_ai: { basesBefore: [], keys: [anyKey] },
};
