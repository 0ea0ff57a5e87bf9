import type { Reply, UpstreamRequest } from "@dheera-ai/core/testing";
import * as v from "valibot";

/** IBM Cloud as far as a reranker sees it: IAM and watsonx.ai at one address, which refuse what the real ones refuse. */
export interface StandIn {
  /** Answers a request that arrived. */
  readonly reply: (request: UpstreamRequest) => Reply;
  /** Tokens that were handed out, in order. */
  readonly tokens: readonly string[];
  /** Refuses a token from now on, as if it had been withdrawn. */
  withdraw(token: string): void;
}

export interface StandInOptions {
  readonly apiKey: string;
  /** A key of Cloud Pak for Data, and a token that is there already. */
  readonly zenApiKey?: string;
  readonly token?: string;
  readonly scope: { readonly project_id: string } | { readonly space_id: string };
}

export const model = "cross-encoder/ms-marco-minilm-l-12-v2";
/** The model's maximum for query and document. A word is a token here. */
const mostTokens = 512;

export function standIn({ apiKey, zenApiKey, token, scope }: StandInOptions): StandIn {
  const tokens: string[] = [];
  const withdrawn = new Set<string>();

  const exchange = ({ method, headers, text }: UpstreamRequest): Reply => {
    if (method !== "POST" || headers["content-type"] !== "application/x-www-form-urlencoded")
      return iamError(400, "BXNIM0109E");
    const form = new URLSearchParams(text);
    if (form.get("grant_type") !== "urn:ibm:params:oauth:grant-type:apikey") return iamError(400, "BXNIM0109E");
    if (form.get("apikey") !== apiKey) return iamError(400, "BXNIM0415E");
    const access = `iam-token-${tokens.length + 1}`;
    tokens.push(access);
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    return {
      body: {
        access_token: access,
        refresh_token: "not_supported",
        token_type: "Bearer",
        expires_in: 3600,
        expiration,
        scope: "ibm openid",
      },
    };
  };

  const isKnown = (authorization: string | undefined): boolean => {
    const [scheme, credential = ""] = (authorization ?? "").split(" ");
    if (scheme === "ZenApiKey") return credential === zenApiKey;
    return scheme === "Bearer" && !withdrawn.has(credential) && (tokens.includes(credential) || credential === token);
  };

  const rerank = ({ method, headers, body, path }: UpstreamRequest): Reply => {
    if (method !== "POST") return watsonxError(405, "method_not_allowed");
    const version = new URLSearchParams(path.split("?")[1]).get("version") ?? "";
    if (!/^\d{4}-\d{2}-\d{2}$/.test(version)) return watsonxError(400, "invalid_request_entity");
    if (!isKnown(headers["authorization"])) return watsonxError(401, "authentication_token_not_valid");
    const parsed = v.safeParse(requestSchema, body);
    if (!parsed.success) return watsonxError(400, "json_validation_error");
    const { model_id, query, inputs, parameters, ...asked } = parsed.output;
    if (model_id !== model) return watsonxError(404, "model_not_supported");
    if (JSON.stringify(asked) !== JSON.stringify(scope)) return watsonxError(403, "user_authorization_failed");
    const cut = parameters.truncate_input_tokens;
    if (cut !== undefined && cut > mostTokens) return watsonxError(400, "invalid_input_argument");
    const lengths = inputs.map(({ text }) => countWords(query) + countWords(text));
    if (cut === undefined && lengths.some((length) => length > mostTokens))
      return watsonxError(400, "invalid_input_argument");
    return {
      body: {
        model_id,
        results: inputs
          .map(({ text }, index) => ({ index, score: logitOf(query, text) }))
          .toSorted((one, other) => other.score - one.score),
        created_at: "2026-11-20T12:00:00.000Z",
        input_token_count: lengths.reduce((sum, length) => sum + Math.min(length, cut ?? length), 0),
      },
    };
  };

  return {
    tokens,
    withdraw: (withdrawnToken) => void withdrawn.add(withdrawnToken),
    reply: (request) => {
      const [path = ""] = request.path.split("?");
      if (path === "/identity/token") return exchange(request);
      return path === "/ml/v1/text/rerank" ? rerank(request) : watsonxError(404, "not_found");
    },
  };
}

/** Words that both have, as a logit: below 0 where there are none. */
export function logitOf(query: string, text: string): number {
  const words = new Set(query.toLowerCase().split(/\W+/));
  return (
    -4 +
    2.5 *
      text
        .toLowerCase()
        .split(/\W+/)
        .filter((word) => word !== "" && words.has(word)).length
  );
}

function countWords(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

/** The sentence beside the code quotes what was sent, as the real ones may. */
function watsonxError(status: number, code: string): Reply {
  const message = "the request for capital cities cannot be served";
  return {
    status,
    body: { errors: [{ code, message, more_info: "https://cloud.ibm.com/apidocs" }], trace: "9f", status_code: status },
  };
}

function iamError(status: number, errorCode: string): Reply {
  return { status, body: { errorCode, errorMessage: "Provided API key could not be found.", context: {} } };
}

const requestSchema = v.strictObject({
  model_id: v.string(),
  project_id: v.exactOptional(v.string()),
  space_id: v.exactOptional(v.string()),
  query: v.string(),
  inputs: v.pipe(v.array(v.strictObject({ text: v.string() })), v.minLength(1)),
  parameters: v.strictObject({
    truncate_input_tokens: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    return_options: v.strictObject({ inputs: v.boolean(), query: v.boolean() }),
  }),
});
