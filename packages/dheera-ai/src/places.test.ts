import { createDheera, isDheeraError, type Transport } from "@dheera-ai/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { defaultProvider, officialProviders } from "./official-providers.ts";

/** The prefixes that call a server: their own public host, and the variables that name another. */
const prefixes = {
  cohere: { publicHost: "api.cohere.com", bases: ["COHERE_API_BASE"] },
  huggingface: { publicHost: "router.huggingface.co", bases: ["HF_API_BASE", "HUGGINGFACE_API_BASE"] },
  hosted_vllm: { publicHost: undefined, bases: ["HOSTED_VLLM_API_BASE"] },
  infinity: { publicHost: undefined, bases: ["INFINITY_API_BASE"] },
  dheera_ai: { publicHost: undefined, bases: ["DHEERA_AI_API_BASE"] },
  litellm_proxy: { publicHost: undefined, bases: ["LITELLM_PROXY_API_BASE"] },
} as const;
type Prefix = keyof typeof prefixes;
const prefixNames = ["cohere", "huggingface", "hosted_vllm", "infinity", "dheera_ai", "litellm_proxy"] as const;

/** Each key: the variable with the address it belongs to, and the hosts it belongs to where that is not set. */
const keys: Readonly<Record<string, { readonly base?: string; readonly hosts: readonly string[] }>> = {
  CO_API_KEY: { hosts: ["api.cohere.com"] },
  COHERE_API_KEY: { base: "COHERE_API_BASE", hosts: ["api.cohere.com"] },
  HF_TOKEN: { hosts: ["router.huggingface.co"] },
  HUGGING_FACE_HUB_TOKEN: { hosts: ["router.huggingface.co"] },
  HUGGINGFACE_API_KEY: { base: "HUGGINGFACE_API_BASE", hosts: ["router.huggingface.co"] },
  HOSTED_VLLM_API_KEY: { base: "HOSTED_VLLM_API_BASE", hosts: [] },
  INFINITY_API_KEY: { base: "INFINITY_API_BASE", hosts: [] },
  DHEERA_AI_API_KEY: { base: "DHEERA_AI_API_BASE", hosts: [] },
  LITELLM_PROXY_API_KEY: { base: "LITELLM_PROXY_API_BASE", hosts: [] },
};
const baseNames = prefixNames.flatMap((prefix) => [...prefixes[prefix].bases]);
const places = [
  "https://one.test",
  "http://two.test:8080/v1",
  "https://api.cohere.com",
  "https://router.huggingface.co",
];

const baseVariables = fc.record(Object.fromEntries(baseNames.map((name) => [name, fc.constantFrom(...places)])), {
  requiredKeys: [],
});
const keyVariables = fc.record(
  Object.fromEntries(Object.keys(keys).map((name) => [name, fc.constant(`value-of-${name}`)])),
  { requiredKeys: [] },
);

describe("the place of a deployment", () => {
  test("is the one that is configured or the provider's documented own, and no key goes to another's place", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...prefixNames),
        fc.option(fc.constantFrom(...places), { nil: undefined, freq: 2 }),
        fc.option(fc.constant("key-of-the-deployment"), { nil: undefined, freq: 2 }),
        baseVariables,
        keyVariables,
        async (prefix, apiBase, apiKey, bases, environmentKeys) => {
          const environment = { ...bases, ...environmentKeys };
          const expected = expectedBase(prefix, apiBase, environment);
          const { calls, refusal } = await call(prefix, apiBase, apiKey, environment);
          if (expected === undefined) {
            expect(refusal).toMatchObject({ code: "invalid_request", param: "api_base" });
            expect(calls).toEqual([]);
            return;
          }
          // Cohere's own API is not called without a key.
          if (new URL(expected).host !== prefixes.cohere.publicHost) expect(calls.length).toBeGreaterThan(0);
          for (const { host, key } of calls) {
            expect(host).toBe(new URL(expected).host);
            if (apiKey !== undefined) expect(key).toBe(apiKey);
            else if (key !== undefined) expect(placesOf(key, environment)).toContain(host);
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  test.each([
    { prefix: "cohere", base: "COHERE_API_BASE", key: "COHERE_API_KEY" },
    { prefix: "hosted_vllm", base: "HOSTED_VLLM_API_BASE", key: "HOSTED_VLLM_API_KEY" },
    { prefix: "infinity", base: "INFINITY_API_BASE", key: "INFINITY_API_KEY" },
    { prefix: "dheera_ai", base: "DHEERA_AI_API_BASE", key: "DHEERA_AI_API_KEY" },
  ] as const)("of $prefix can be named by $base, with the key $key", async ({ prefix, base, key }) => {
    const { calls } = await call(prefix, undefined, undefined, { [base]: "http://mine.test", [key]: "mine" });
    expect(calls[0]).toEqual({ host: "mine.test", key: "mine" });
  });

  test.each(["hosted_vllm", "infinity", "dheera_ai", "litellm_proxy"] as const)(
    "has to be named for %s, and the refusal says how",
    async (prefix) => {
      const { calls, refusal } = await call(prefix, undefined, "key-of-the-deployment", {
        HF_API_BASE: "http://hf.test",
      });
      expect(calls).toEqual([]);
      expect(refusal?.message).toBe(
        `${prefix} needs the address of the server: set api_base, or ${prefixes[prefix].bases[0]}`,
      );
    },
  );

  test("is not the provider's own where the configuration says an empty one", async () => {
    for (const apiBase of ["", "/", " "])
      expect(await call("huggingface", apiBase, "key-of-the-deployment", {})).toMatchObject({
        calls: [],
        refusal: { code: "invalid_request" },
      });
  });
});

function expectedBase(
  prefix: Prefix,
  apiBase: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { publicHost, bases } = prefixes[prefix];
  const named = apiBase ?? bases.map((name) => environment[name]).find(Boolean);
  return named ?? (publicHost && `https://${publicHost}`);
}

/** The hosts that may see this key. */
function placesOf(value: string, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { base, hosts } = keys[value.replace("value-of-", "")] ?? { hosts: [] };
  const named = base === undefined ? undefined : environment[base];
  return named === undefined ? hosts : [new URL(named).host];
}

interface Calls {
  readonly calls: readonly { readonly host: string; readonly key: string | undefined }[];
  readonly refusal: Error | undefined;
}

/** Reranks with one deployment; every server answers 404 and is recorded. */
async function call(
  prefix: Prefix,
  apiBase: string | undefined,
  apiKey: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Calls> {
  const calls: { host: string; key: string | undefined }[] = [];
  const transport: Transport = {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      calls.push({
        host: new URL(request.url).host,
        key: request.headers.get("authorization")?.replace("Bearer ", ""),
      });
      return Response.json({}, { status: 404 });
    },
  };
  const params = { model: `${prefix}/some/model`, api_base: apiBase, api_key: apiKey, max_retries: 0 };
  try {
    await using dheera = createDheera({
      providers: officialProviders({ environment }),
      defaultProvider,
      transport,
      model_list: [{ model_name: "m", dheera_ai_params: params }],
    });
    await dheera.rerank({ model: "m", query: "q", documents: ["a"] }).catch(() => {});
    return { calls, refusal: undefined };
  } catch (error) {
    if (isDheeraError(error)) return { calls, refusal: error };
    throw error;
  }
}
