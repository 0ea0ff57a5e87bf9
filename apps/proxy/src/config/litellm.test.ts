import { describe, expect, it } from "vitest";

import type { CheckedConfig } from "./check/check-config.ts";
import { ConfigError } from "./config-error.ts";
import { litellmSettingNames } from "./fixtures/litellm-setting-names.ts";
import { type ParseConfigOptions, parseConfig } from "./parse-config.ts";

const model = "model_list: [{ model_name: a, litellm_params: { model: bm25/default } }]\n";

describe("a configuration of LiteLLM", () => {
  it("is never refused for a name that LiteLLM has", () => {
    const section = (name: string, indent: string): string =>
      (litellmSettingNames[name] ?? [])
        .filter((key) => key !== "cache_params" && key !== "model_info")
        .map((key) => `${indent}${key}: 1\n`)
        .join("");
    const text = [
      `model_list:\n- model_name: a\n  litellm_params:\n${section("litellm_params", "    ")}`,
      `  model_info:\n${section("model_info", "    ")}`,
      `general_settings:\n${section("general_settings", "  ")}`,
      `router_settings:\n${section("router_settings", "  ")}`,
      `litellm_settings:\n${section("litellm_settings", "  ")}  cache_params:\n${section("cache_params", "    ")}`,
    ].join("");
    // A wrong value of a name that is known here is another matter.
    expect(problemsOf(text).filter((problem) => problem.includes("unknown key"))).toEqual([]);
  });

  it("warns of every name that is not known here, with its line and the nearest name", () => {
    const { warnings } = parse(`${model}general_settings:
  some_new_setting: true
  max_request_size: 3
litellm_settings: { cache_params: { s3_bucket_name: b } }
common: &common { a: 1 }
`);
    expect(warnings).toEqual([
      "config.yaml:3 general_settings.some_new_setting is not known here and has no effect",
      "config.yaml:4 general_settings.max_request_size is not known here and has no effect; did you mean max_request_size_mb?",
      "config.yaml:5 litellm_settings.cache_params.s3_bucket_name is not known here and has no effect",
      "config.yaml:6 common is not known here and has no effect",
    ]);
  });

  it.each([
    ["strict of the caller", { strict: true }, ""],
    ["strict of the configuration", {}, "litellm_settings: { strict: true }\n"],
  ])("is refused for such a name under %s", (_, options, settings) => {
    expect(problemsOf(`${model}${settings}general_settings: { some_new_setting: true }`, options)).toEqual([
      expect.stringContaining("general_settings.some_new_setting: is not known here"),
    ]);
  });

  it.each([
    ["modle_list: []", "modle_list", "model_list"],
    ["general_settings: { master_kye: x }", "general_settings.master_kye", "master_key"],
    ["general_settings: { alowed_ips: [] }", "general_settings.alowed_ips", "allowed_ips"],
    ["litellm_settings: { fallback: [] }", "litellm_settings.fallback", "fallbacks"],
    ["model_list: [{ model_name: b, litellm_params: { model: x/y, rmp: 3 } }]", "litellm_params.rmp", "rpm"],
    [
      "model_list: [{ model_name: b, litellm_params: { model: x/y, api_bse: z } }]",
      "litellm_params.api_bse",
      "api_base",
    ],
    ["model_list: [{ model_name: b, litellm_parms: { model: x/y } }]", "litellm_parms", "litellm_params"],
    [
      `general_settings: { keys: [{ name: a, key: "sha256:${"0".repeat(64)}", models_allowed: [a] }] }`,
      "models_allowed",
      "",
    ],
  ])("is refused where a name of ours is misspelt: %s", (text, key, meant) => {
    const problems = problemsOf(text.startsWith("model_list") ? text : model + text);
    expect(problems).toContainEqual(
      expect.stringMatching(new RegExp(`${key}: unknown key${meant === "" ? "" : `; did you mean ${meant}\\?`}`)),
    );
  });

  it("may have values that mean something else here", () => {
    const { config, warnings } = parse(`${model}
litellm_settings:
  callbacks: my_module.handler_instance
  cache: true
  cache_params: { type: s3 }
router_settings: { routing_strategy: usage-based-routing }
environment_variables: { REDIS_PORT: 6379, DEBUG: true, EMPTY: "" }
`);
    expect(config.dheera_ai_settings).toMatchObject({ callbacks: [], cache: true, cache_params: { type: "local" } });
    expect(config.router_settings.routing_strategy).toBe("simple-shuffle");
    expect(config.environment_variables).toEqual({ REDIS_PORT: "6379", DEBUG: "true", EMPTY: "" });
    expect(warnings).toEqual([
      "config.yaml:6 litellm_settings.cache_params.type has no cache of the type s3 here; scores are remembered in memory (there are local, redis)",
      "config.yaml:4 litellm_settings.callbacks has my_module.handler_instance, which has no effect here (there are prometheus, otel)",
      "config.yaml:7 router_settings.routing_strategy usage-based-routing does not exist here; it means simple-shuffle",
    ]);
  });

  it("says what of a key needs a database, and nothing where there is one", () => {
    const key = `{ name: search, key: "sha256:${"0".repeat(64)}", tpm: 100, max_budget: 5, budget_duration: 30d, team_id: t, user_id: u }`;
    const without = "has no effect without general_settings.database_url, where spend and teams are kept";
    expect(parse(`${model}general_settings: { keys: [${key}] }`).warnings).toEqual(
      ["max_budget", "team_id", "user_id"].map((name) => `config.yaml:2 general_settings.keys[0].${name} ${without}`),
    );
    const { config, warnings } = parse(`${model}general_settings: { database_url: "sqlite:a.db", keys: [${key}] }`);
    expect(warnings).toEqual([]);
    expect(config.general_settings.keys[0]).toMatchObject({ tpm: 100, max_budget: 5, budget_duration: "30d" });
  });

  it.each([
    ["database_url: mysql://host/name", "database_url: must be postgresql://"],
    [
      `keys: [{ name: a, key: "sha256:${"0".repeat(64)}", budget_duration: soon }]`,
      "budget_duration: must be a number and",
    ],
    ["maximum_spend_logs_retention_period: 30", "maximum_spend_logs_retention_period: must be a text"],
    ["maximum_audit_logs_retention_period: soon", "maximum_audit_logs_retention_period: must be a number and"],
  ])("refuses %s", (setting, message) => {
    expect(() => parse(`${model}general_settings: { ${setting} }`)).toThrow(message);
  });

  it("says that a key has expired", () => {
    const { warnings } = parse(
      `${model}general_settings: { keys: [{ name: old, key: "sha256:${"0".repeat(64)}", expires: 2020-01-31 }] }`,
    );
    expect(warnings).toEqual(["config.yaml:2 general_settings.keys[0].expires has passed: the key old lets nobody in"]);
  });
});

describe("credential_list", () => {
  const credentials = `credential_list:
  - credential_name: team
    credential_values: { api_key: os.environ/TEAM_KEY, api_base: "http://team.test" }
    credential_info: { description: x }
`;
  const entry = (params: string): string =>
    `${credentials}model_list:\n  - model_name: a\n    litellm_params: { model: cohere/x, ${params} }\n`;
  const environment = { TEAM_KEY: "key-of-team" };

  it.each(["litellm_credential_name", "dheera_ai_credential_name"])(
    "gives the deployments that name one by %s its values",
    (name) => {
      expect(parse(entry(`${name}: team`), { environment }).config.model_list).toEqual([
        {
          model_name: "a",
          dheera_ai_params: { model: "cohere/x", api_key: "key-of-team", api_base: "http://team.test" },
        },
      ]);
    },
  );

  it("loses to the deployment's own", () => {
    const own = 'litellm_credential_name: team, api_key: own, api_base: "http://own.test"';
    expect(parse(entry(own), { environment }).config.model_list[0]?.dheera_ai_params).toEqual({
      model: "cohere/x",
      api_key: "own",
      api_base: "http://own.test",
    });
  });

  it("carries the parameters of any provider", () => {
    const { config, warnings } = parse(
      `credential_list:
  - credential_name: aws
    credential_values: { aws_access_key_id: AKIA, aws_secret_access_key: os.environ/AWS_SECRET, aws_region_name: eu-central-1 }
    credential_info: { custom_llm_provider: bedrock }
  - credential_name: google
    credential_values: { vertex_project: p, vertex_credentials: /run/secrets/google.json }
model_list:
  - { model_name: a, litellm_params: { model: bedrock/amazon.rerank-v1:0, litellm_credential_name: aws, aws_region_name: us-west-2 } }
  - { model_name: b, litellm_params: { model: vertex_ai/semantic-ranker-default-004, litellm_credential_name: google } }
`,
      { environment: { AWS_SECRET: "s" } },
    );
    expect(config.model_list.map(({ dheera_ai_params }) => dheera_ai_params)).toEqual([
      {
        model: "bedrock/amazon.rerank-v1:0",
        aws_access_key_id: "AKIA",
        aws_secret_access_key: "s",
        aws_region_name: "us-west-2",
      },
      {
        model: "vertex_ai/semantic-ranker-default-004",
        vertex_project: "p",
        vertex_credentials: "/run/secrets/google.json",
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it("makes a deployment unable to serve, never serve elsewhere, when nothing can be used of it", () => {
    const missing = "its credential team: api_key needs the environment variable TEAM_KEY, which is not set";
    const unknown = "its credential taem is not in credential_list (did you mean team?)";
    const elsewhere = "its api_base is not the one that the key of its credential team is for; leave one of them out";
    for (const [params, variables, why] of [
      ["litellm_credential_name: team", {}, missing],
      ["litellm_credential_name: taem", environment, unknown],
      ['litellm_credential_name: team, api_base: "http://elsewhere.test"', environment, elsewhere],
    ] as const) {
      const { config, warnings } = parse(entry(params), { environment: variables });
      expect(config.model_list[0]?.unavailable).toBe(why);
      expect(warnings.at(-1)).toBe(`config.yaml:6 model_list[0] cannot serve: ${why}`);
    }
  });
});

describe("default_litellm_params", () => {
  const defaults =
    'router_settings: { default_litellm_params: { timeout: 3, api_key: common, base_url: "http://a.test" } }\n';

  it("are those of every deployment that has none of its own", () => {
    const { config } = parse(`${defaults}model_list:
  - { model_name: a, litellm_params: { model: cohere/x, timeout: 5 } }
  - { model_name: b, litellm_params: { model: cohere/x, api_base: "http://b.test" } }
`);
    expect(config.model_list.map(({ dheera_ai_params }) => dheera_ai_params)).toEqual([
      { model: "cohere/x", timeout: 5, api_key: "common", api_base: "http://a.test" },
      // The key is for another address.
      { model: "cohere/x", timeout: 3, api_base: "http://b.test" },
    ]);
    expect(config.router_settings).toEqual({});
  });
});

describe("custom_llm_provider", () => {
  it.each([
    ["BAAI/bge-reranker-base", "infinity", "infinity/BAAI/bge-reranker-base"],
    ["rerank-v3.5", "cohere", "cohere/rerank-v3.5"],
    ["cohere/rerank-v3.5", "cohere", "cohere/rerank-v3.5"],
    // As LiteLLM: another prefix is part of the name.
    ["openai/rerank-x", "cohere", "cohere/openai/rerank-x"],
  ])("makes the model %s under %s the model %s", (asked, provider, meant) => {
    const params = `{ model: ${asked}, custom_llm_provider: ${provider}, api_base: "http://a.test" }`;
    const { config, warnings } = parse(`model_list: [{ model_name: a, litellm_params: ${params} }]`);
    expect(config.model_list[0]?.dheera_ai_params).toEqual({ model: meant, api_base: "http://a.test" });
    expect(warnings).toEqual([]);
  });

  it("decides which settings of the whole product hold", () => {
    const list = "model_list: [{ model_name: a, litellm_params: { model: x, custom_llm_provider: cohere } }]\n";
    expect(parse(`${list}litellm_settings: { cohere_key: k }`).config.model_list[0]?.dheera_ai_params).toEqual({
      model: "cohere/x",
      api_key: "k",
    });
  });
});

describe("prices among the parameters, where LiteLLM's users have them too", () => {
  it.each([
    ["input_cost_per_query: 0.002", "", { input_cost_per_query: 0.002 }],
    [
      'input_cost_per_token: "5e-8", output_cost_per_token: 0',
      "",
      { input_cost_per_token: 5e-8, output_cost_per_token: 0 },
    ],
    [
      "input_cost_per_query: 0.002",
      ", model_info: { id: x, input_cost_per_query: 1 }",
      { id: "x", input_cost_per_query: 1 },
    ],
  ])("%s%s are those of model_info, whose own win", (params, info, expected) => {
    const { config, warnings } = parse(
      `model_list: [{ model_name: a, litellm_params: { model: cohere/rerank-x, ${params} }${info} }]`,
    );
    expect(config.model_list).toEqual([
      { model_name: "a", dheera_ai_params: { model: "cohere/rerank-x" }, model_info: expected },
    ]);
    expect(warnings).toEqual([]);
  });
});

describe("an entry that is not for reranking", () => {
  it("brings no other warning than that it is left out, which is made later", () => {
    const { config, warnings } = parse(`model_list:
  - model_name: chat
    litellm_params:
      model: azure/gpt-4o
      api_base: os.environ/AZURE_BASE
      api_key: os.environ/AZURE_KEY
      api_version: 2024-10-21
      temperature: 0.2
      max_tokens: 4096
      stream_timeout: 30
      some_new_parameter: 1
    model_info: { supports_vision: true, base_model: azure/gpt-4o }
  - model_name: embedding
    litellm_params: { model: hosted_vllm/BAAI/bge-m3, drop_params: true, litellm_credential_name: nobodys }
    model_info: { mode: embedding }
  - model_name: named
    litellm_params: { model: x, custom_llm_provider: openai, tpm: 3 }
`);
    expect(warnings).toEqual([]);
    expect(config.model_list.map(({ model_name }) => model_name)).toEqual(["chat", "embedding", "named"]);
  });

  it("needs no credential, which another may need all the same", () => {
    const credentials = `credential_list:
  - { credential_name: team, credential_values: { api_key: os.environ/TEAM_KEY } }
`;
    const chat = "  - { model_name: chat, litellm_params: { model: azure/gpt-4o, litellm_credential_name: team } }\n";
    const other =
      "  - { model_name: r, litellm_params: { model: cohere/rerank-v3.5, litellm_credential_name: team } }\n";
    expect(parse(`${credentials}model_list:\n${chat}`).warnings).toEqual([]);
    expect(parse(`${credentials}model_list:\n${chat}${other}`).warnings).toEqual([
      "config.yaml:2 credential_list[0].credential_values.api_key needs the environment variable TEAM_KEY, which is not set: deployments with this credential cannot serve",
      "config.yaml:5 model_list[1] cannot serve: its credential team: api_key needs the environment variable TEAM_KEY, which is not set",
    ]);
  });

  it("says all where a plug-in may have a provider of that name", () => {
    const { warnings } = parse(`plugins: ["./mine.js"]
model_list: [{ model_name: a, litellm_params: { model: ollama/x, max_tokens: 2 } }]`);
    expect(warnings).toEqual(["config.yaml:2 model_list[0].litellm_params.max_tokens has no effect here"]);
  });
});

describe("the address and keys of litellm_settings", () => {
  const paramsOf = (asked: string, settings: string, environment = {}, params = ""): unknown => {
    const list = `model_list: [{ model_name: a, litellm_params: { model: ${asked}${params} } }]\n`;
    return parse(`${list}litellm_settings: { ${settings} }`, { environment }).config.model_list[0]?.dheera_ai_params;
  };
  const base = 'api_base: "http://mine.test"';
  const there = { api_base: "http://mine.test" };

  it.each([
    ["cohere/x", {}, there],
    // As with LiteLLM, the setting wins.
    ["cohere/x", { COHERE_API_BASE: "http://other.test" }, there],
    ["infinity/x", { INFINITY_API_BASE: "http://other.test" }, there],
    ["jina_ai/x", {}, there],
    ["huggingface/x", {}, there],
    ["litellm_proxy/x", {}, there],
    // As with LiteLLM, the environment wins.
    ["huggingface/x", { HF_API_BASE: "http://other.test" }, {}],
    ["litellm_proxy/x", { LITELLM_PROXY_API_BASE: "http://other.test" }, {}],
    // LiteLLM reads it for no other provider.
    ["hosted_vllm/x", {}, {}],
    ["voyage/x", {}, {}],
    ["bm25/default", {}, {}],
  ])("send the documents of %s under %j to the address that LiteLLM sends them to", (asked, environment, place) => {
    for (const name of ["api_base", "base_url"])
      expect(paramsOf(asked, base.replace("api_base", name), environment)).toEqual({ model: asked, ...place });
    expect(paramsOf(asked, base, environment, ', api_base: "http://own.test"')).toMatchObject({
      api_base: "http://own.test",
    });
  });

  it("hold for a model that is reached through a LiteLLM proxy", () => {
    expect(paramsOf("voyage/x", `${base}, use_litellm_proxy: true`)).toEqual({
      model: "litellm_proxy/voyage/x",
      ...there,
    });
  });

  it.each([
    ["cohere/x", "api_key: k", {}, { api_key: "k" }],
    ["cohere/x", "api_key: k", { COHERE_API_KEY: "of-environment" }, { api_key: "k" }],
    ["litellm_proxy/x", "api_key: k", {}, { api_key: "k" }],
    ["litellm_proxy/x", "api_key: k", { LITELLM_PROXY_API_KEY: "of-environment" }, {}],
    ["huggingface/x", "api_key: k", {}, {}],
    ["cohere/x", "cohere_key: k", {}, { api_key: "k" }],
    ["cohere/x", "cohere_key: k", { CO_API_KEY: "of-environment" }, {}],
    ["huggingface/x", "cohere_key: k", {}, {}],
    ["huggingface/x", "huggingface_key: k", { HUGGINGFACE_API_KEY: "of-environment" }, { api_key: "k" }],
    ["infinity/x", "infinity_key: k", {}, { api_key: "k" }],
    ["cohere/x", "headers: { x-team: t }", {}, { extra_headers: { "x-team": "t" } }],
  ])("give %s with %s under %j the key that LiteLLM sends", (asked, settings, environment, params) => {
    expect(paramsOf(asked, settings, environment)).toEqual({ model: asked, ...params });
  });

  it("send no key to an address that it is not for, and none in place of a deployment's own", () => {
    const both = `${base}, api_key: k`;
    expect(paramsOf("cohere/x", both)).toEqual({ model: "cohere/x", api_base: "http://mine.test", api_key: "k" });
    expect(paramsOf("cohere/x", both, {}, ', api_base: "http://own.test"')).toEqual({
      model: "cohere/x",
      api_base: "http://own.test",
    });
    expect(paramsOf("cohere/x", both, {}, ", api_key: own")).toMatchObject({ api_key: "own" });
  });

  it("are not part of the settings that the proxy keeps, and have to be set where they are named", () => {
    const text = `${model}litellm_settings: { api_key: k, cohere_key: k, ${base}, api_version: 1 }`;
    const { config, warnings } = parse(text);
    expect(JSON.stringify(config)).not.toMatch(/"k"|mine\.test/);
    expect(warnings).toEqual(["config.yaml:2 litellm_settings.api_version has no effect here"]);
    expect(problemsOf(`${model}litellm_settings: { api_base: os.environ/ABSENT }`)).toEqual([
      "litellm_settings.api_base: needs the environment variable ABSENT, which is not set",
    ]);
  });
});

describe("use_litellm_proxy", () => {
  it("sends models through the LiteLLM proxy, and not to their provider", () => {
    const models = (text: string, environment = {}): readonly string[] =>
      parse(text, { environment }).config.model_list.map(({ dheera_ai_params }) => dheera_ai_params.model);
    const list = (params: string): string =>
      `model_list: [{ model_name: a, litellm_params: { model: cohere/x${params} } }]\n`;
    expect(models(list(", use_litellm_proxy: true"))).toEqual(["litellm_proxy/cohere/x"]);
    expect(models(`${list("")}litellm_settings: { use_litellm_proxy: true }`)).toEqual(["litellm_proxy/cohere/x"]);
    expect(models(list(""), { USE_LITELLM_PROXY: "True" })).toEqual(["litellm_proxy/cohere/x"]);
    expect(models(list(", use_litellm_proxy: false"), { USE_LITELLM_PROXY: "true" })).toEqual(["cohere/x"]);
  });
});

function parse(text: string, options: Partial<ParseConfigOptions> = {}): CheckedConfig {
  return parseConfig(text, { file: "config.yaml", environment: {}, ...options });
}

function problemsOf(text: string, options: Partial<ParseConfigOptions> = {}): readonly string[] {
  try {
    parse(text, options);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ key, message }) => `${key}: ${message}`);
    throw error;
  }
}
