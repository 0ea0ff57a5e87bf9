import { isDheeraError } from "@dheera-ai/core";
import { openSecrets } from "@dheera-ai/teams";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { DataRecord } from "../../config/read/record.ts";
import { egressRules } from "../../egress/egress-rules.ts";
import { checkParams } from "./check-params.ts";
import { decryptParams, encryptParams, publicParams } from "./secret-params.ts";

const rules = egressRules();

function refusal(params: DataRecord, own = rules): string | undefined {
  try {
    checkParams({ model: "cohere/x", ...params }, own, "litellm_params");
    return undefined;
  } catch (error) {
    expect(isDheeraError(error) && [error.code, error.param?.startsWith("litellm_params")]).toEqual([
      "invalid_request",
      true,
    ]);
    return error instanceof Error ? error.message : String(error);
  }
}

describe("checkParams", () => {
  it.each<[string, DataRecord]>([
    ["a hosted service", { api_key: "secret" }],
    ["a server with a certificate", { api_base: "https://rerank.example/v1", api_key: "secret", ssl_verify: true }],
    [
      "headers and prompts, whatever is in them",
      { extra_headers: { "x-path": "/etc/passwd", "x-at": "http://127.0.0.1" }, prompt: "~ {query}" },
    ],
    [
      "a local model of the Hub's cache",
      { model: "local/BAAI/bge-reranker-base", dtype: "int8", file: "onnx/model.onnx" },
    ],
    [
      "keys of Amazon",
      {
        model: "bedrock/cohere.rerank-v3-5:0",
        aws_access_key_id: "A",
        aws_secret_access_key: "b/+c",
        aws_region_name: "us-west-2",
      },
    ],
    [
      "a secret of Entra",
      {
        model: "azure_ai/x",
        tenant_id: "t",
        client_id: "c",
        client_secret: "s",
        azure_credential: "ClientSecretCredential",
      },
    ],
    [
      "the key of a service account",
      {
        model: "vertex_ai/x",
        vertex_credentials: JSON.stringify({
          type: "service_account",
          private_key: "-----BEGIN",
          token_uri: "https://oauth2.googleapis.com/token",
        }),
      },
    ],
    ["a Bedrock API key", { model: "bedrock/x", api_key: "k", aws_region_name: "us-west-2" }],
    ["another proxy's model of Amazon", { model: "bedrock/x", use_litellm_proxy: true, api_base: "https://p.example" }],
    ["a cascade", { model: "cascade/x", stages: [{ model: "near", keep: 20 }, { model: "far" }] }],
    ["a calibration itself", { calibration: { method: "platt", a: 1, b: 0 } }],
  ])("passes %s", (_, params) => {
    expect(refusal(params)).toBeUndefined();
  });

  it.each<[string, DataRecord, string]>([
    [
      "a variable",
      { api_key: "os.environ/DATABASE_URL" },
      "litellm_params.api_key is a reference to the proxy's environment",
    ],
    [
      "a variable in a header",
      { extra_headers: { authorization: "os.environ/X" } },
      "litellm_params.extra_headers.authorization is a reference",
    ],
    [
      "a variable deep within",
      { provider_options: { a: [{ b: " os.environ/X" }] } },
      "litellm_params.provider_options.a.0.b is a reference",
    ],
    [
      "a token of a file",
      { aws_web_identity_token: "oidc/file//var/run/token" },
      "litellm_params.aws_web_identity_token is a reference",
    ],
    [
      "an encrypted text of another row",
      { api_key: "enc:v1:00000000:AAAA:AAAA" },
      "litellm_params.api_key looks like an encrypted text",
    ],
    ["authorities in a file", { ssl_verify: "/etc/ssl/ca.pem" }, "litellm_params.ssl_verify is the path of a file"],
    ["authorities in a relative file", { ssl_verify: "ca.pem" }, "true and false may stand here"],
    ["a certificate", { ssl_certificate: "client.pem" }, "litellm_params.ssl_certificate is the path of a file"],
    ["its key", { ssl_key: "client.key" }, "litellm_params.ssl_key is the path of a file"],
    ["a calibration's file", { calibration: "calibration.json" }, "give what is in the file"],
    ["a profile", { aws_profile_name: "prod" }, "give aws_access_key_id and aws_secret_access_key"],
    ["a token service of one's own", { aws_sts_endpoint: "https://sts.example" }, "whose connections are not checked"],
    [
      "the machine's identity",
      { model: "azure_ai/x", azure_credential: "ManagedIdentityCredential" },
      "would use the identity of the proxy's machine",
    ],
    ...[
      { model: "bedrock/cohere.rerank-v3-5:0", aws_region_name: "us-west-2" },
      { model: "cohere.rerank-v3-5:0", custom_llm_provider: "bedrock", aws_region_name: "us-west-2", api_key: " " },
      { model: "bedrock/x", aws_role_name: "arn:aws:iam::1:role/admin" },
      { model: "bedrock/x", aws_access_key_id: "A" },
      { model: "bedrock/x", custom_llm_provider: "" },
    ].map((params): [string, DataRecord, string] => [
      `the machine's identity at Amazon: ${JSON.stringify(params)}`,
      params,
      "litellm_params has no keys of its own, and the identity of the proxy's machine serves deployments of configuration files alone: give litellm_params.api_key, or litellm_params.aws_access_key_id and litellm_params.aws_secret_access_key",
    ]),
    ...[
      { model: "azure_ai/x" },
      { model: "azure_ai/x", api_base: "https://somebody.services.ai.azure.com" },
      { model: "azure_ai/x", azure_credential: "ClientSecretCredential" },
      { model: "azure_ai/x", tenant_id: "t", client_id: "c" },
    ].map((params): [string, DataRecord, string] => [
      `what the environment says of Entra: ${JSON.stringify(params)}`,
      params,
      "litellm_params.tenant_id and litellm_params.client_id and litellm_params.client_secret",
    ]),
    [
      "the machine's identity at Google",
      { model: "vertex_ai/semantic-ranker-512", vertex_project: "p" },
      "give litellm_params.vertex_credentials, or",
    ],
    [
      "a file of Google's",
      { model: "vertex_ai/x", vertex_credentials: "key.json" },
      "must be the JSON of the credentials themselves",
    ],
    [
      "a file of Google's as the key",
      { model: "vertex_ai/x", api_key: "key.json" },
      "litellm_params.api_key must be the JSON",
    ],
    [
      "a file of Google's as the key, by LiteLLM's provider",
      { model: "x", custom_llm_provider: "vertex_ai", api_key: "key.json" },
      "litellm_params.api_key must be the JSON",
    ],
    [
      "a program of Google's",
      {
        model: "vertex_ai/x",
        vertex_credentials: { type: "external_account", credential_source: { executable: { command: "id" } } },
      },
      "must be the key of a service account",
    ],
    [
      "another token service of Google's",
      {
        model: "vertex_ai/x",
        vertex_ai_credentials: JSON.stringify({ type: "service_account", token_uri: "https://evil.example/token" }),
      },
      "must be the key of a service account",
    ],
    [
      "a token service that ends like Google's",
      {
        model: "vertex_ai/x",
        vertex_credentials: { type: "service_account", token_uri: "https://oauth2.googleapis.com.evil.example/" },
      },
      "must be the key of a service account",
    ],
    ["a credential of the file", { dheera_ai_credential_name: "prod" }, "names a credential of the configuration file"],
    ["a folder", { model: "local/./model" }, "litellm_params.model is the path of a file"],
    ["an absolute folder", { model: "local//srv/model" }, "litellm_params.model is the path of a file"],
    ["a folder above", { model: "local/BAAI/../../x" }, "litellm_params.model is the path of a file"],
    [
      "an address as the model",
      { model: "huggingface/https://10.0.0.1/x" },
      "litellm_params.model must not hold an address: give it as api_base",
    ],
    ["any path", { some_option: "/etc/passwd" }, "litellm_params.some_option is the path of a file"],
    ["a home", { some_option: "~/.aws/credentials" }, "is the path of a file"],
    ["a drive", { some_option: "C:\\keys" }, "is the path of a file"],
    ["a share", { some_option: "\\\\server\\share" }, "is the path of a file"],
    ["a file's URL", { some_option: "file:///etc/passwd" }, "must be a URL that begins with https://"],
    [
      "an address inside",
      { api_base: "https://10.0.0.1" },
      "litellm_params.api_base names an address that is in a private network",
    ],
    ["one without a scheme", { api_base: "10.0.0.1:8080" }, "litellm_params.api_base must be a URL"],
    [
      "one in another parameter",
      { some_option: "http://169.254.169.254/latest" },
      "litellm_params.some_option names an address",
    ],
    ["one within", { wx_credentials: { url: "https://[::1]" } }, "litellm_params.wx_credentials.url names an address"],
    ["a token service inside", { iam_url: "https://192.168.1.1" }, "litellm_params.iam_url names an address"],
    [
      "a password in an address",
      { api_base: "https://user:secret@rerank.example" },
      "must hold no user and no password",
    ],
    ["too much", { prompt: "x".repeat(65_536) }, "litellm_params must have at most 65536 characters"],
  ])("refuses %s, and says what to do", (_, params, message) => {
    const said = refusal(params);
    expect(said).toContain(message);
    expect(said).not.toContain("secret@");
  });

  it("gives the addresses that connections are to be checked for", () => {
    const params = {
      model: "watsonx/x",
      wx_credentials: { url: "https://us.example", apikey: "k" },
      iam_url: "https://iam.example",
    };
    expect(checkParams(params, rules, "p").map(({ field, url }) => [field, url.href])).toEqual([
      ["p.wx_credentials.url", "https://us.example/"],
      ["p.iam_url", "https://iam.example/"],
    ]);
    expect(checkParams({ model: "cohere/x", extra_headers: { referer: "https://a.example" } }, rules, "p")).toEqual([]);
  });

  it("finds an environment reference and an inner address wherever they stand", () => {
    const name = fc.stringMatching(/^[a-z]{3,8}$/);
    const bad = fc.constantFrom(
      "os.environ/HOME",
      "http://127.0.0.1",
      "https://169.254.169.254/",
      "https://0x7f000001/",
      "/etc/shadow",
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), bad, (path, text) => {
        const nested = path.reduceRight<unknown>((within, key) => ({ [key]: within }), text);
        expect(refusal({ some_option: nested })).toContain("litellm_params.some_option");
      }),
    );
  });
});

describe("encryptParams", () => {
  const params: DataRecord = {
    model: "cohere/x",
    api_base: "https://rerank.example",
    api_key: "co-secret-1",
    extra_headers: { "x-key": "secret-2" },
    aws_secret_access_key: "secret-3",
    wx_credentials: { apikey: "secret-4" },
    some_option: ["secret-5", 6, null, true],
    vertex_credentials: { private_key: "secret-7" },
    timeout: 30,
    stages: [{ model: "a", keep: 3 }],
  };

  it("leaves nothing readable that may be a secret, and is undone for this deployment alone", async () => {
    const secrets = await openSecrets({ DHEERA_AI_SALT_KEY: "sk-salt-of-this-test" });
    const stored = encryptParams(params, "m1", secrets);
    expect(JSON.stringify(stored)).not.toMatch(/secret-\d/);
    expect(stored).toMatchObject({
      model: "cohere/x",
      api_base: "https://rerank.example",
      timeout: 30,
      stages: params["stages"],
    });
    expect(decryptParams(stored, "m1", secrets)).toEqual(params);
    expect(() => decryptParams(stored, "m2", secrets)).toThrow(
      "dheera_models/m2/api_key was changed in the database, or copied",
    );
    expect(publicParams(stored)).toEqual({
      model: "cohere/x",
      api_base: "https://rerank.example",
      timeout: 30,
      stages: params["stages"],
    });
  });

  it("takes an address with a query for a secret, because keys stand there", async () => {
    const secrets = await openSecrets({ DHEERA_AI_SALT_KEY: "sk-salt-of-this-test" });
    const stored = encryptParams({ model: "cohere/x", api_base: "https://rerank.example/?key=secret" }, "m1", secrets);
    expect([JSON.stringify(stored).includes("secret"), publicParams(stored)]).toEqual([false, { model: "cohere/x" }]);
  });

  it("needs a key only where there is something to encrypt", async () => {
    const none = await openSecrets({});
    expect(encryptParams({ model: "bm25/default", timeout: 3 }, "m1", none)).toEqual({
      model: "bm25/default",
      timeout: 3,
    });
    expect(() => encryptParams(params, "m1", none)).toThrow("set DHEERA_AI_SALT_KEY");
  });
});
