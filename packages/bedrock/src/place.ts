import { DheeraError, type Target } from "@dheera-ai/core";
import { type Environment, findPlace, type Place } from "@dheera-ai/core/provider-utils";

import type { ModelName } from "./model-name.ts";
import type { Options } from "./parse-options.ts";

/** The API of Bedrock that is asked: each has a host of its own. */
export type Api = "rerank" | "invoke_model";

const hostWords: Readonly<Record<Api, string>> = { rerank: "bedrock-agent-runtime", invoke_model: "bedrock-runtime" };

/** Bedrock's own hosts, VPC endpoints included. Other hosts of the domain belong to customers of Amazon. */
const ownHost = /^(?:[\w-]+\.)?bedrock(?:-agent)?-runtime(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/;

/**
 * The region, as LiteLLM finds it: the parameter, the model's ARN, `AWS_REGION_NAME`, `AWS_REGION`; and before the
 * environment the region in the name of an endpoint. Undefined where only a profile can say it.
 * @throws DheeraError `invalid_request` where the model's ARN is of another region
 */
export function findRegion(
  { aws_region_name: given }: Options,
  model: ModelName,
  base: string | undefined,
  environment: Environment,
): string | undefined {
  if (given !== undefined && model.region !== undefined && given !== model.region)
    throw new DheeraError(
      "invalid_request",
      `aws_region_name is ${given}, but the model's ARN is of ${model.region}; leave out one of them`,
      { param: "aws_region_name", provider: "bedrock" },
    );
  const inHost = ownHost.exec(URL.parse(base?.trim() ?? "")?.hostname ?? "")?.[1];
  const variables = ["AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"].map((name) => environment[name]);
  return [given, model.region, inHost, ...variables].find(Boolean);
}

/** @throws DheeraError `invalid_request`: documents go to no region that nothing named */
export function noRegion(): DheeraError {
  return new DheeraError(
    "invalid_request",
    "bedrock needs a region: set aws_region_name, AWS_REGION_NAME or AWS_REGION, or region in the profile",
    { param: "aws_region_name", provider: "bedrock" },
  );
}

/** The address that the deployment or the environment names; undefined for Amazon's own. */
export function findBase(target: Target, options: Options, environment: Environment): string | undefined {
  const variable = baseVariables.map((name) => environment[name]).find(Boolean);
  return target.apiBase ?? options.aws_bedrock_runtime_endpoint ?? variable;
}

const baseVariables = ["AWS_BEDROCK_RUNTIME_ENDPOINT", "BEDROCK_API_BASE"] as const;

/**
 * Where the documents go. An endpoint of the one API stands for the other too, as at LiteLLM: only its host's name
 * differs.
 * @throws DheeraError `invalid_request` when an address is no usable URL
 */
export function findEndpoint(
  target: Target,
  options: Options,
  { api, region, environment }: { readonly api: Api; readonly region: string; readonly environment: Environment },
): Place {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const place = findNamed(target, options, environment, `https://bedrock-runtime.${region}.${domain}`);
  place.url.hostname = place.url.hostname.replace(/bedrock(?:-agent)?-runtime/, hostWords[api]);
  return place;
}

/** Where nothing names a region, so that a wrong address is found before the first call. */
export function checkBase(target: Target, options: Options, environment: Environment): void {
  if (findBase(target, options, environment) !== undefined) findNamed(target, options, environment);
}

function findNamed(target: Target, options: Options, environment: Environment, publicBase?: string): Place {
  const given = target.apiBase ?? options.aws_bedrock_runtime_endpoint;
  const variables = baseVariables.map((base) => ({ base, key: "AWS_BEARER_TOKEN_BEDROCK" }));
  const isPublic = ({ protocol, hostname }: URL): boolean => protocol === "https:" && ownHost.test(hostname);
  const publicKeys = ["AWS_BEARER_TOKEN_BEDROCK"];
  try {
    return findPlace(
      { provider: "bedrock", ...(publicBase !== undefined && { publicBase }), isPublic, publicKeys, variables },
      given,
      environment,
    );
  } catch (error) {
    const isOurs = error instanceof DheeraError && error.param === "api_base" && target.apiBase === undefined;
    if (!isOurs) throw error;
    const param = "aws_bedrock_runtime_endpoint";
    throw DheeraError.from(error, { param, message: error.message.replace("api_base", param) });
  }
}
