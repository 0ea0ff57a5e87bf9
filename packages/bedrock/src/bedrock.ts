import { DheeraError, type Profile, type Provider, type Target } from "@dheera-ai/core";
import { type Environment, processEnvironment } from "@dheera-ai/core/provider-utils";

import { connectBearer } from "./connect-bearer.ts";
import { connectSigned } from "./connect-signed.ts";
import { createCredentialPool } from "./credentials/credential-pool.ts";
import { namesSource } from "./credentials/source.ts";
import type { Deployment } from "./deployment.ts";
import { factsOf } from "./facts.ts";
import { isOfCohere, type ModelName, readModelName } from "./model-name.ts";
import { optionNames, parseOptions } from "./parse-options.ts";
import { checkBase, findBase, findEndpoint, findRegion } from "./place.ts";
import { mostCharacters } from "./wire/texts.ts";

/** What `bedrock` is made with. */
export interface BedrockOptions {
  /**
   * Where `AWS_BEARER_TOKEN_BEDROCK`, `AWS_ACCESS_KEY_ID`, `AWS_REGION_NAME` and the other variables of AWS and LiteLLM
   * are looked up; the process environment when absent. The address of the instance's metadata
   * (`AWS_EC2_METADATA_SERVICE_ENDPOINT`) is always the process's.
   */
  readonly environment?: Environment | undefined;
}

/** Rerankers at Amazon Bedrock: by the Rerank API with AWS credentials, by InvokeModel with a Bedrock API key. */
export function bedrock({ environment = processEnvironment() }: BedrockOptions = {}): Provider {
  const pool = createCredentialPool(environment);
  return {
    name: "bedrock",
    optionNames,
    connect(target) {
      const deployment = readDeployment(target, environment);
      const key = findBearerKey(deployment);
      return key === undefined ? connectSigned(deployment, pool) : connectBearer(deployment, key);
    },
  };
}

function readDeployment(target: Target, environment: Environment): Deployment {
  const options = parseOptions(target.options);
  const model = readModelName(target.model);
  checkBase(target, options, environment);
  const region = findRegion(options, model, findBase(target, options, environment), environment);
  return { target, options, model, environment, region, profile: profileOf(model) };
}

/**
 * The Bedrock API key that is used: the deployment's; and where the deployment names no AWS credentials and the model
 * can be asked by it, the environment's.
 * @throws DheeraError `invalid_request` for a key that cannot be used
 */
function findBearerKey({ target, options, model, environment, region }: Deployment): string | undefined {
  const given = target.apiKey?.trim();
  if (given) {
    if (!isOfCohere(model))
      throw unusable(
        "works with Cohere's models only, because InvokeModel has their format; give AWS credentials (aws_access_key_id, aws_role_name …) for this model",
      );
    if (options.bedrock_api === "rerank")
      throw unusable("is not taken by the Rerank API; give AWS credentials, or leave out bedrock_api");
    return sendable(given, "api_key");
  }
  if (namesSource(options) || options.bedrock_api === "rerank" || !isOfCohere(model)) return undefined;
  // Where the region is not known yet, an address that somebody named decides alone.
  const { keyVariables } = findEndpoint(target, options, {
    api: "invoke_model",
    region: region ?? "us-east-1",
    environment,
  });
  const name = keyVariables.find((variable) => environment[variable]?.trim());
  return name === undefined ? undefined : sendable(environment[name]?.trim() ?? "", name);
}

function unusable(problem: string): DheeraError {
  return new DheeraError("invalid_request", `a Bedrock API key (api_key) ${problem}`, {
    param: "api_key",
    provider: "bedrock",
  });
}

/** The runtime's own complaint would quote the key. */
function sendable(key: string, param: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new DheeraError("invalid_request", `${param} holds characters that no HTTP header may hold; copy it again`, {
    param,
    provider: "bedrock",
  });
}

/** The same wherever the model is asked, so that regions are replicas of each other. */
function profileOf(model: ModelName): Profile {
  const facts = factsOf(model.id);
  return {
    scoring: "pointwise",
    scoreKind: "probability",
    billing: "per-search",
    ...(facts && { price: { perSearchUnit: facts.pricePerSearch } }),
    fingerprint: `bedrock ${model.id}`,
    limits: {
      documentsPerCall: 1_000,
      charactersPerDocument: mostCharacters,
      ...(facts && { tokensPerDocument: facts.tokensPerDocument }),
    },
  };
}
