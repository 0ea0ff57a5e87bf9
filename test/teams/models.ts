/** What one request to each model costs, in billionths of a dollar. */
export const prices = { cheap: 100_000, fair: 1_000_000, dear: 4_000_000 } as const;

/** The model without a price: its requests cost nobody knows what, and take this much from budgets. */
export const unpriced = "unpriced";
export const unknownCost = 3_000_000;

export type ModelName = keyof typeof prices | typeof unpriced;

export const modelNames: readonly [ModelName, ...ModelName[]] = ["cheap", "cheap", "fair", "fair", "dear", unpriced];

/** What a request takes from budgets where nobody knows what it cost: what was reserved for it. */
export function reservedFor(name: string): number {
  return isPriced(name) ? prices[name] : unknownCost;
}

/** What one request may cost at most. */
export const dearest: number = Math.max(unknownCost, ...Object.values(prices));

export function isPriced(name: string): name is keyof typeof prices {
  return name in prices;
}

export function configuration(upstream: string, database: string, redis: string, journal: string): string {
  const models = [...new Set(modelNames)].map((name) => modelOf(name, `${upstream}/${name}`));
  // JSON is YAML.
  return JSON.stringify({
    model_list: models,
    router_settings: { redis_url: redis, num_retries: 1 },
    general_settings: {
      master_key: masterKey,
      database_url: database,
      database_connection_timeout: 2,
      spend_journal: journal,
      unknown_request_cost: unknownCost / 1e9,
    },
  });
}

function modelOf(name: ModelName, address: string): object {
  const api = { api_base: address, api_key: "sk-of-the-upstream" };
  return isPriced(name)
    ? {
        model_name: name,
        dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base", ...api },
        model_info: { input_cost_per_query: prices[name] / 1e9 },
      }
    : { model_name: name, dheera_ai_params: { model: "together_ai/mixedbread-ai/mxbai-rerank-large-v2", ...api } };
}

export const masterKey = "sk-master-key-of-the-fault-run";
