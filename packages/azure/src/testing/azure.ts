import type { Http, HttpRequest } from "@dheera-ai/core";
import type { Reply, UpstreamRequest } from "@dheera-ai/core/testing";
import * as v from "valibot";

/**
 * Azure as far as a reranker sees it, on one loopback server whose paths begin with the host that was meant: Entra, the
 * service for managed identities, and a Cohere model in Foundry. It refuses what the real ones refuse.
 */
export interface Azure {
  readonly reply: (request: UpstreamRequest) => Reply;
  /** How tokens were asked for, in order. */
  readonly grants: readonly string[];
  /** Refuses a token from now on, as if it had been withdrawn. */
  withdraw(token: string): void;
}

export const application = {
  tenant_id: "11111111-2222-3333-4444-555555555555",
  client_id: "app",
  client_secret: "s3cret",
};
export const model = "cohere-rerank-v4.0-pro";
export const foundry = "https://my-resource.services.ai.azure.com";
export const defaultScope = "https://cognitiveservices.azure.com/.default";
/** What the cluster says of a pod. */
export const assertion = "assertion-of-the-cluster";

export function azure({ scope = defaultScope }: { readonly scope?: string } = {}): Azure {
  const grants: string[] = [];
  const tokens = new Set<string>();
  const grant = (how: string): string => {
    grants.push(how);
    const token = `entra-${grants.length}`;
    tokens.add(token);
    return token;
  };

  const entra = ({ method, headers, text }: UpstreamRequest): Reply => {
    const form = new URLSearchParams(text);
    const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
    if (method !== "POST" || !isForm || form.get("grant_type") !== "client_credentials")
      return entraError(400, "invalid_request");
    if (!form.get("scope")?.split(" ").includes(scope)) return entraError(400, "invalid_scope");
    if (form.get("client_id") !== application.client_id) return entraError(400, "unauthorized_client");
    const isSecret = form.get("client_secret") === application.client_secret;
    const isAssertion =
      form.get("client_assertion") === assertion &&
      form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    if (!isSecret && !isAssertion) return entraError(401, "invalid_client");
    return {
      body: {
        access_token: grant(isSecret ? "application" : "workload"),
        token_type: "Bearer",
        expires_in: 3599,
        ext_expires_in: 3599,
      },
    };
  };

  const machine = ({ headers, path }: UpstreamRequest): Reply => {
    if (headers["metadata"] !== "true") return { status: 400, body: { error: "invalid_request" } };
    const query = new URLSearchParams(path.split("?")[1]);
    if (!/^https:\/\/\w+\.azure\.com$/.test(query.get("resource") ?? ""))
      return { status: 400, body: { error: "invalid_resource" } };
    const how = query.get("client_id") === null ? "managed" : `managed ${query.get("client_id")}`;
    return {
      body: {
        access_token: grant(how),
        expires_in: "86399",
        expires_on: String(Math.floor(Date.now() / 1000) + 86_399),
        resource: query.get("resource"),
        token_type: "Bearer",
      },
    };
  };

  const rerank = ({ method, headers, body }: UpstreamRequest): Reply => {
    const token = /^Bearer (\S+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
    if (!tokens.has(token))
      return { status: 401, body: { error: { code: "401", message: "Access denied due to capital." } } };
    const parsed = v.safeParse(requestSchema, body);
    if (method !== "POST" || !parsed.success) return { status: 422, body: { message: "invalid" } };
    const { query, documents } = parsed.output;
    const results = documents.map((text, index) => ({ index, relevance_score: scoreOf(query, text) }));
    return {
      body: {
        id: "1",
        results: results.toSorted((one, other) => other.relevance_score - one.relevance_score),
        meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } },
      },
    };
  };

  return {
    grants,
    withdraw: (token) => void tokens.delete(token),
    reply: (request) => {
      const path = request.path.split("?")[0]?.replaceAll(/^\/|\/$/g, "") ?? "";
      if (path === `login.microsoftonline.com/${application.tenant_id}/oauth2/v2.0/token`) return entra(request);
      if (path === "metadata/identity/oauth2/token") return machine(request);
      if (path === `${new URL(foundry).host}/providers/cohere/v2/rerank`) return rerank(request);
      return { status: 404, body: { error: "not_found", path } };
    },
  };
}

/** HTTP that takes what is meant for Azure to the stand-in, and nothing elsewhere. */
export function toStandIn(http: Http, url: string): Http {
  const there = (asked: string): string => {
    const { host, pathname, search } = new URL(asked);
    if (asked.startsWith(url)) return asked;
    if (!/^(login\.microsoftonline\.com|[\w-]+\.services\.ai\.azure\.com)$/.test(host))
      throw new Error(`a request to ${host}`);
    return `${url}/${host}${pathname}${search}`;
  };
  return {
    json: (asked: string, request?: HttpRequest) => http.json(there(asked), request),
    request: (asked: string, request?: HttpRequest) => http.request(there(asked), request),
  };
}

/** The share of a document's words that the query has too. */
export function scoreOf(query: string, text: string): number {
  const words = new Set(query.toLowerCase().split(/\W+/));
  const own = text.toLowerCase().split(/\W+/).filter(Boolean);
  return own.filter((word) => words.has(word)).length / Math.max(1, own.length);
}

function entraError(status: number, error: string): Reply {
  return {
    status,
    body: { error, error_description: `AADSTS7000215: ${application.client_secret}`, error_codes: [7000215] },
  };
}

const requestSchema = v.strictObject({
  model: v.literal(model),
  query: v.string(),
  documents: v.pipe(v.array(v.string()), v.minLength(1)),
});
