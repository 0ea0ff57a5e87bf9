import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { CheckedConfig } from "./check/check-config.ts";
import { ConfigError } from "./config-error.ts";
import { parseConfig } from "./parse-config.ts";
import type { Environment } from "./read/resolve-references.ts";

const minimal = `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base }
`;

describe("parseConfig", () => {
  it("reads the configuration of the documentation", () => {
    const { config, warnings } = parse(
      `
model_list:
  - model_name: bge-reranker-base
    dheera_ai_params:
      model: huggingface/BAAI/bge-reranker-base
      api_key: os.environ/HF_TOKEN
  - model_name: custom-reranker
    dheera_ai_params:
      model: huggingface/BAAI/bge-reranker-base
      api_base: https://my-custom-hf-endpoint.com
      api_key: your-custom-api-key
plugins: ["@acme/dheera-provider", "./my-provider.js"]
general_settings:
  master_key: os.environ/DHEERA_AI_MASTER_KEY
`,
      { HF_TOKEN: "hf_token", DHEERA_AI_MASTER_KEY: "sk-master" },
    );
    expect(warnings).toEqual([]);
    expect(config.model_list).toEqual([
      {
        model_name: "bge-reranker-base",
        dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base", api_key: "hf_token" },
      },
      {
        model_name: "custom-reranker",
        dheera_ai_params: {
          model: "huggingface/BAAI/bge-reranker-base",
          api_base: "https://my-custom-hf-endpoint.com",
          api_key: "your-custom-api-key",
        },
      },
    ]);
    expect(config.plugins).toEqual(["@acme/dheera-provider", "./my-provider.js"]);
    expect(config.general_settings.master_key).toBe("sk-master");
  });

  it("reads providers of one's own, with what they leave out", () => {
    const { config, warnings } = parse(`
providers:
  invented:
    base_url: https://api.invented.test/v1
    path: /rerank
    billing: per-token
    request: { model: false, documents: input.texts }
model_list:
  - model_name: best
    dheera_ai_params: { model: invented/m }
`);
    expect(warnings).toEqual([]);
    expect(config.providers).toEqual({
      invented: {
        api_base: "https://api.invented.test/v1",
        path: "/rerank",
        billing: "per-token",
        request: { model: null, documents: "input.texts" },
        score_kind: "unknown",
      },
    });
  });

  it.each([
    ["path: rerank", 5, 11, "providers.invented.path", "must begin with /"],
    ["path: /r\n    paht: /x", 6, 5, "providers.invented.paht", "unknown key; did you mean path?"],
    [
      "path: /r\n    request: { topn: k }",
      6,
      16,
      "providers.invented.request.topn",
      "unknown key; did you mean top_n?",
    ],
    ["path: /r\n    hosts: ['*']", 6, 13, "providers.invented.hosts[0]", "must be a host in lower case such as"],
    [
      "path: /r\n    limits: { documents_per_call: many }",
      6,
      35,
      "providers.invented.limits.documents_per_call",
      "must be a number",
    ],
    [
      "path: /r\n    models: [{ match: a*, request: { querry: q } }]",
      6,
      38,
      "providers.invented.models[0].request.querry",
      "unknown key; did you mean query?",
    ],
    [
      "path: /r\n    headers: { Cookie: a }",
      6,
      24,
      "providers.invented.headers.Cookie",
      "is a header for keys; use key_header",
    ],
    ["api_base: https://a.test", 4, 5, "providers.invented.path", "is required"],
  ])("says of a provider of one's own where it is wrong: %s", (field, line, column, key, message) => {
    const text = `${minimal.trimStart()}`;
    const rows = `providers:\n  invented:\n    billing: compute\n`;
    expect(() => parse(`\n${rows}    ${field}\n${text}`)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ line, column, key, message: expect.stringContaining(message) })],
      }),
    );
  });

  it.each(["cohere", "huggingface", "bm25", "unavailable", "Invented", "a/b"])(
    "has no provider of one's own with the name %s",
    (name) => {
      expect(() => parse(`providers:\n  ${name}: { path: /r, billing: compute }\n${minimal.trimStart()}`)).toThrow(
        expect.objectContaining({ problems: [expect.objectContaining({ key: `providers.${name}`, line: 2 })] }),
      );
    },
  );

  it("takes a configuration of LiteLLM, with a warning for each setting that has no effect", () => {
    const { config, warnings } = parse(
      `
model_list:
  - model_name: rerank
    litellm_params:
      model: cohere/rerank-v3.5
      api_key: os.environ/COHERE_API_KEY
      tpm: 1000
    model_info: { mode: rerank, base_model: x }
litellm_settings:
  drop_params: true
  num_retries: 3
  request_timeout: 10
  fallbacks: [{ rerank: [rerank] }]
  cache: True
  cache_params: { type: redis, host: localhost, port: "6379", supported_call_types: [arerank] }
router_settings:
  routing_strategy: usage-based-routing-v2
  redis_host: localhost
  model_group_alias: { alias: { model: rerank, hidden: true } }
general_settings:
  master_key: sk-1234
  litellm_key_header_name: X-Litellm-Key
  database_url: os.environ/DATABASE_URL
  proxy_batch_write_at: 60
`,
      { COHERE_API_KEY: "co", DATABASE_URL: "postgresql://dheera@localhost/dheera" },
    );
    expect(config.model_list[0]).toEqual({
      model_name: "rerank",
      dheera_ai_params: { model: "cohere/rerank-v3.5", api_key: "co" },
      model_info: { mode: "rerank", base_model: "x" },
    });
    expect(config.dheera_ai_settings).toMatchObject({
      num_retries: 3,
      request_timeout: 10,
      cache: true,
      cache_params: { port: 6379 },
    });
    expect(config.router_settings).toMatchObject({
      routing_strategy: "simple-shuffle",
      model_group_alias: { alias: "rerank" },
    });
    expect(config.general_settings.key_header_name).toBe("X-Litellm-Key");
    expect(warnings).toEqual([
      "config.yaml:7 model_list[0].litellm_params.tpm has no effect here",
      "config.yaml:10 litellm_settings.drop_params has no effect here",
      "config.yaml:15 litellm_settings.cache_params.supported_call_types has no effect here",
      "config.yaml:24 general_settings.proxy_batch_write_at has no effect here",
      "config.yaml:17 router_settings.routing_strategy usage-based-routing-v2 does not exist here; it means simple-shuffle",
    ]);
  });

  it("fills in defaults", () => {
    expect(parse(minimal).config.general_settings).toMatchObject({
      max_request_size_mb: 16,
      max_response_size_mb: 32,
      max_request_values: 150_000,
      max_documents: 10_000,
      rate_limit_failure: "open",
      use_x_forwarded_for: false,
      keys: [],
    });
  });

  it("counts a key without a value as absent", () => {
    expect(
      parse(`${minimal}\n      \ngeneral_settings:\n  master_key:\nrouter_settings:\n`).config.general_settings
        .master_key,
    ).toBeUndefined();
  });

  it("understands YAML anchors and merge keys", () => {
    const { config } = parse(`
x-common: &common { api_base: "http://localhost:8080", timeout: 5 }
model_list:
  - model_name: a
    litellm_params: { <<: *common, model: huggingface/a }
`);
    expect(config.model_list[0]?.dheera_ai_params).toEqual({
      model: "huggingface/a",
      api_base: "http://localhost:8080",
      timeout: 5,
    });
  });

  it("takes numbers and booleans from variables", () => {
    const { config } = parse(
      `${minimal}router_settings: { num_retries: os.environ/RETRIES, disable_cooldowns: os.environ/CALM }`,
      {
        RETRIES: "5",
        CALM: "true",
      },
    );
    expect(config.router_settings).toEqual({ num_retries: 5, disable_cooldowns: true });
  });

  it("lets environment_variables win over the environment", () => {
    const { config } = parse(
      `${minimal}environment_variables: { KEY: mine }\ngeneral_settings: { master_key: os.environ/KEY }`,
      {
        KEY: "theirs",
      },
    );
    expect(config.general_settings.master_key).toBe("mine");
  });

  it("hands unknown parameters to the provider", () => {
    const { config } = parse(`
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/a, bill_to: acme }
`);
    expect(config.model_list[0]?.dheera_ai_params).toMatchObject({ bill_to: "acme" });
  });

  it("warns of model names without an entry", () => {
    const { warnings } = parse(`${minimal}router_settings: { fallbacks: [{ bge: [bgee] }] }`);
    expect(warnings).toEqual([
      "config.yaml:5 router_settings.fallbacks[0].bge[0] names bgee, which no entry of model_list has; did you mean bge?",
    ]);
  });
});

describe("a variable that is not set", () => {
  it("makes only the deployment that names it unable to serve", () => {
    const { config, warnings } = parse(`
model_list:
  - { model_name: a, dheera_ai_params: { model: huggingface/a, api_key: os.environ/MISSING } }
  - { model_name: b, dheera_ai_params: { model: huggingface/b } }
  - { model_name: c, dheera_ai_params: { model: os.environ/MODEL } }
`);
    expect(config.model_list.map(({ model_name, unavailable }) => [model_name, unavailable])).toEqual([
      ["a", "api_key needs the environment variable MISSING, which is not set"],
      ["b", undefined],
      ["c", "model needs the environment variable MODEL, which is not set"],
    ]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toBe(
      "config.yaml:3 model_list[0].dheera_ai_params.api_key needs the environment variable MISSING, which is not set: this deployment cannot serve",
    );
  });

  it("counts as not set when it is empty", () => {
    const { config } = parse(
      "model_list: [{ model_name: a, dheera_ai_params: { model: x/a, api_key: os.environ/EMPTY } }]",
      { EMPTY: "" },
    );
    expect(config.model_list[0]?.unavailable).toContain("EMPTY");
  });

  it("lets no caller in when the variable of the master key is not set", () => {
    const { config } = parse(`${minimal}general_settings: { master_key: os.environ/MASTER }`);
    expect(config.locked).toBe("general_settings.master_key needs the environment variable MASTER, which is not set");
  });

  it("replaces a caller's key by one that no caller has", () => {
    const keyed = `${minimal}general_settings: { keys: [{ name: a, key: os.environ/A }, { name: b, key: os.environ/B }] }`;
    const { config, warnings } = parse(keyed, { B: "secret" });
    const [a, b] = config.general_settings.keys;
    expect(a?.key).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(a?.key).not.toBe(parse(keyed, { B: "secret" }).config.general_settings.keys[0]?.key);
    expect(b?.key).toBe(`sha256:${createHash("sha256").update("secret").digest("hex")}`);
    expect(warnings).toEqual([
      "config.yaml:5 general_settings.keys[0].key needs the environment variable A, which is not set: this key lets nobody in",
    ]);
  });

  it("is a problem anywhere else, because leaving the setting out would mean something else", () => {
    expect(
      problemsOf(`${minimal}dheera_ai_settings: { cache_params: { type: redis, host: os.environ/REDIS } }`),
    ).toEqual([
      "config.yaml:5:58 dheera_ai_settings.cache_params.host: needs the environment variable REDIS, which is not set",
    ]);
  });
});

describe("problems", () => {
  it.each([
    "redis:/u:p@h",
    "redis:host",
    "http://h:6379",
    "redis://h/notanumber",
    "redis://u:p%ZZ@h",
    "localhost:6379",
  ])("name a URL that is none of Redis and do not repeat it: %s", (url) => {
    for (const [key, text] of [
      ["router_settings.redis_url", `router_settings: { redis_url: "${url}" }`],
      ["dheera_ai_settings.cache_params.url", `dheera_ai_settings: { cache_params: { type: redis, url: "${url}" } }`],
    ] as const) {
      const problems = problemsOf(minimal + text);
      expect(problems).toEqual([expect.stringContaining(`${key}: must be a URL such as redis://host:6379/0`)]);
      expect(problems.join()).not.toContain(url);
    }
  });

  it.each([
    "router_settings: { timeout: 1e-320 }",
    "dheera_ai_settings: { request_timeout: 0 }",
    "credential_list: []\nmodel_list: [{ model_name: b, dheera_ai_params: { model: bm25/default, timeout: 1e-320 } }]",
  ])("name a time in which nothing can be done: %s", (text) => {
    const whole = text.includes("model_list") ? text : minimal + text;
    expect(problemsOf(whole)).toEqual([expect.stringMatching(/timeout: must be at least 0.001$/)]);
  });

  it("are reported all at once, each with its location and the nearest known key", () => {
    expect(
      problemsOf(`model_list:
  - model_name: bge
    litellm_params:
      timeout: soon
  - dheera_ai_params: { model: a/b }
    model_nam: x
general_settings:
  master_kye: x
  max_documents: 0
router_settings:
  routing_strategy: best
`),
    ).toEqual([
      "config.yaml:4:7 model_list[0].litellm_params.model: is required",
      "config.yaml:4:16 model_list[0].litellm_params.timeout: must be a number",
      "config.yaml:5:5 model_list[1].model_name: is required",
      "config.yaml:6:5 model_list[1].model_nam: unknown key; did you mean model_name?",
      "config.yaml:8:3 general_settings.master_kye: unknown key; did you mean master_key?",
      "config.yaml:9:18 general_settings.max_documents: must be at least 1",
      "config.yaml:11:21 router_settings.routing_strategy: must be one of: simple-shuffle, least-busy, latency-based-routing, cost-based-routing",
    ]);
  });

  it("are printed ready to be read", () => {
    const error = failureOf("model_list: []\nplugin: x\n");
    expect(error.message).toBe(
      [
        "The configuration has 2 problems:",
        "  config.yaml:2:1  plugin: unknown key; did you mean plugins?",
        "  config.yaml:1:13  model_list: must hold at least one model",
      ].join("\n"),
    );
  });

  it.each([
    ["model_list: [", "is not YAML"],
    ["a: 1\na: 2", "this key stands here twice"],
    ["- a\n- b", "must be a map with keys such as model_list"],
    ["", "must hold at least one model"],
    ["model_list: {}", "must be a list"],
    ["model_list: [1]", "must be a map of settings"],
    [`${minimal}include: [other.yaml]`, "can be followed only when the configuration is read from a file"],
    [`${minimal}general_settings: { allowed_ips: [10.0.0.0/99] }`, "must be an address or a CIDR range"],
    [`${minimal}general_settings: { keys: [{ name: a, key: plain-text }] }`, "must be os.environ/NAME or sha256:"],
    [`${minimal}general_settings: { keys: [{ name: a, key: os.environ/K, expires: soon }] }`, "must be a date"],
    [
      `${minimal}general_settings: { keys: [{ name: a, key: os.environ/K }, { name: a, key: os.environ/L }] }`,
      "stands at another key already",
    ],
  ])("are found in %j", (text, message) => {
    expect(failureOf(text, { K: "k", L: "l" }).message).toContain(message);
  });

  it("never show a wrong value, because it may be a key", () => {
    const error = failureOf(`
model_list:
  - model_name: a
    dheera_ai_params: { model: [sk-secret-1], api_key: { x: sk-secret-2 }, api_base: 1234567, timeout: sk-secret-3 }
general_settings: { master_key: 7654321, keys: [{ name: a, key: sk-secret-4 }] }
`);
    expect(error.problems.length).toBeGreaterThan(4);
    expect(error.message).not.toMatch(/sk-secret|1234567|7654321/);
  });

  it("are the only way to fail, for any text", () => {
    const yamlish = fc.array(
      fc.constantFrom(
        "model_list",
        ":",
        " ",
        "\n",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a",
        "*a",
        "os.environ/A",
        "<<",
        '"',
        "'",
        "1",
        "null",
        "|",
        "!!map",
      ),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          yamlish.map((pieces) => pieces.join("")),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

function parse(text: string, environment: Environment = {}): CheckedConfig {
  return parseConfig(text, { file: "config.yaml", environment });
}

function failureOf(text: string, environment: Environment = {}): ConfigError {
  try {
    parse(text, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("the configuration was taken");
}

function problemsOf(text: string): readonly string[] {
  return failureOf(text).problems.map(
    ({ file, line, column, key, message }) => `${file}:${line}:${column} ${key}: ${message}`,
  );
}

describe("batch_settings", () => {
  const model = "model_list: [{ model_name: a, dheera_ai_params: { model: bm25/default } }]\n";
  const messageOf = (yaml: string): string => {
    try {
      parseConfig(model + yaml, { file: "config.yaml", environment: {} });
      return "";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  it.each([
    ["batch_settings: { storag: ./a }", "config.yaml:2:19  batch_settings.storag: "],
    ["batch_settings: { storage: 'gs://bucket' }", "must be a folder, or s3://bucket/prefix"],
    ["batch_settings: { storage: ./a, files_expire_after: 30 }", "must be a time such as 30m, 8h or 7d"],
    ["batch_settings: { storage: ./a, queue: redis }", "batch_settings.queue: needs a Redis"],
    ["batch_settings: { storage: 's3://bucket' }", "batch_settings.storage: a bucket holds no SQLite file"],
  ])("refuses %s with the place and the remedy", (yaml, message) => {
    expect(messageOf(yaml)).toContain(message);
  });

  it("keeps the queue where router_settings names a Redis, and in the folder otherwise", () => {
    expect(messageOf("batch_settings: { storage: ./a }")).toBe("");
    const redis = "router_settings: { redis_url: 'redis://localhost' }\n";
    expect(messageOf(`${redis}batch_settings: { storage: 's3://bucket' }`)).toBe("");
  });
});
