import {
  DheeraError,
  type Profile,
  type Provider,
  type ScoreCall,
  type ScoreParams,
  type Scorer,
  type Target,
} from "@dheera-ai/core";
import { type Environment, processEnvironment, upstreamError } from "@dheera-ai/core/provider-utils";

import { findHost, findKeys } from "./find-keys.ts";
import { type Options, optionNames, parseOptions } from "./parse-options.ts";
import { readAnswer, readUsage } from "./read-answer.ts";
import { sign } from "./sign.ts";

/** What `volcengine` is made with. */
export interface VolcengineOptions {
  /**
   * Where `VOLC_ACCESSKEY` and `VOLC_SECRETKEY`, or `VIKINGDB_AK` and `VIKINGDB_SK`, are looked up; the process
   * environment when absent.
   */
  readonly environment?: Environment | undefined;
}

/** Volcengine's rerankers in VikingDB: `volcengine/doubao-seed-rerank`. */
export function volcengine({ environment = processEnvironment() }: VolcengineOptions = {}): Provider {
  return { name: "volcengine", optionNames, connect: (target) => connect(target, environment) };
}

const path = "/api/vikingdb/rerank";

function connect(target: Target, environment: Environment): Scorer {
  const options = parseOptions(target.options);
  const region = options.volc_region_name ?? "cn-beijing";
  const place = findHost(target.apiBase, region, environment);
  const keys = findKeys(options, target.apiKey, place.keyVariables, environment);
  const url = withPath(place.url);
  const { http, model } = target;
  const label = `Volcengine (volcengine/${model})`;
  const profile = profileOf(model, options);

  return {
    profile: () => profile,
    async score(call) {
      const { signal } = call;
      if (!keys)
        throw new DheeraError(
          "provider_auth",
          "volcengine has no keys; set volc_access_key_id and api_key of this deployment, or VOLC_ACCESSKEY and VOLC_SECRETKEY, which sign for Volcengine's own addresses alone",
          { provider: "volcengine" },
        );
      const body = JSON.stringify(bodyOf(call, model, options));
      const headers = await sign(url, body, { keys, region, date: new Date() });
      const answer = await http.json(url.href, { method: "POST", headers, body, signal }).catch((error: unknown) => {
        throw upstreamError(error, "volcengine", signal, label);
      });
      const usage = readUsage(answer);
      return { scores: readAnswer(answer), warnings: ignored(call.params), ...(usage && { usage }) };
    },
  };
}

/** A base that ends in the path is used as it is. */
function withPath(base: URL): URL {
  const url = new URL(base);
  const own = url.pathname === "/" ? "" : url.pathname;
  url.pathname = own.endsWith(path) ? own : own + path;
  return url;
}

/** Each document is a list of parts, of which a text is one. */
function bodyOf({ query, documents, params }: ScoreCall, model: string, { model_version }: Options): object {
  return {
    model_name: model,
    ...(model_version !== undefined && { model_version }),
    query: [{ text: query }],
    data: documents.map((text) => [{ text }]),
    ...(params.instruction !== undefined && { instruction: params.instruction }),
  };
}

/** A sentence for each parameter that was asked for and is missing here. */
function ignored(params: ScoreParams): readonly string[] {
  const asked = [
    params.truncate === false && "truncate: false",
    params.truncationDirection === "left" && "truncation_direction: left",
    params.rawScores && "raw_scores: true",
    params.maxTokensPerDocument !== undefined && "max_tokens_per_doc",
  ];
  return asked.filter((name) => typeof name === "string").map((name) => `Volcengine has no ${name}; it had no effect`);
}

function profileOf(model: string, { model_version: version }: Options): Profile {
  return {
    scoring: "pointwise",
    // Nobody has confirmed the scale.
    scoreKind: "unknown",
    billing: "per-token",
    fingerprint: ["volcengine", model, version].filter(Boolean).join(" "),
    limits: { documentsPerCall: 200, bytesPerCall: 4_000_000 },
  };
}
