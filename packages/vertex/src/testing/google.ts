import { generateKeyPairSync, verify } from "node:crypto";

import type { Transport } from "@dheera-ai/core";
import type { Reply, UpstreamRequest } from "@dheera-ai/core/testing";
import * as v from "valibot";

/**
 * Google as far as a reranker sees it, on one loopback server whose paths begin with the host that was meant: its token
 * service, the metadata server, Discovery Engine. It refuses what the real ones refuse.
 */
export interface Google {
  readonly reply: (request: UpstreamRequest) => Reply;
  /** Tokens that were handed out, in order, with how. */
  readonly grants: readonly string[];
  /** Refuses a token from now on, as if it had been withdrawn. */
  withdraw(token: string): void;
}

export interface GoogleOptions {
  readonly project?: string;
  /** Answers each request for scores with this instead. */
  readonly refuse?: Reply;
}

export const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

export const email = "ranker@my-project.iam.gserviceaccount.com";
export const serviceAccount = {
  type: "service_account",
  project_id: "my-project",
  private_key_id: "1",
  private_key: privateKey,
  client_email: email,
  token_uri: "https://oauth2.googleapis.com/token",
};
export const user = {
  type: "authorized_user",
  client_id: "gcloud",
  client_secret: "client-secret",
  refresh_token: "refresh",
  quota_project_id: "my-project",
};

const scope = "https://www.googleapis.com/auth/cloud-platform";

export function google({ project = "my-project", refuse }: GoogleOptions = {}): Google {
  const grants: string[] = [];
  const tokens = new Set<string>();
  const grant = (how: string): string => {
    grants.push(how);
    const token = `ya29.${grants.length}`;
    tokens.add(token);
    return token;
  };

  const routes: Readonly<Record<string, (request: UpstreamRequest) => Reply>> = {
    "oauth2.googleapis.com/token": ({ method, headers, text }) => {
      const form = new URLSearchParams(text);
      if (method !== "POST" || !headers["content-type"]?.startsWith("application/x-www-form-urlencoded"))
        return { status: 400, body: { error: "invalid_request" } };
      const how = grantOf(form);
      if (how === undefined)
        return { status: 400, body: { error: "invalid_grant", error_description: `bad ${form.get("assertion")}` } };
      return { body: { access_token: grant(how), expires_in: 3599, token_type: "Bearer" } };
    },
    "sts.googleapis.com/v1/token": ({ text }) => {
      const form = new URLSearchParams(text);
      const isRight =
        form.get("grant_type") === "urn:ietf:params:oauth:grant-type:token-exchange" &&
        form.get("subject_token") === "token-of-the-cluster" &&
        form.get("subject_token_type") === "urn:ietf:params:oauth:token-type:jwt" &&
        form.get("audience") === workload.audience;
      if (!isRight) return { status: 400, body: { error: "invalid_grant" } };
      const issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
      return { body: { access_token: grant("sts"), expires_in: 3599, token_type: "Bearer", issued_token_type } };
    },
    "iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/target@my-project.iam.gserviceaccount.com:generateAccessToken":
      ({ headers, body }) => {
        if (!tokens.has(bearer(headers))) return error(401, "UNAUTHENTICATED");
        if (JSON.stringify(body["scope"]) !== JSON.stringify([scope])) return error(400, "INVALID_ARGUMENT");
        return { body: { accessToken: grant("impersonation"), expireTime: new Date(Date.now() + 3_600_000) } };
      },
    "computeMetadata/v1/instance/service-accounts/default/token": ({ headers, path }) => {
      if (headers["metadata-flavor"] !== "Google")
        return { status: 403, body: "Missing Metadata-Flavor:Google header." };
      if (!decodeURIComponent(path).includes(scope)) return { status: 400, body: "scope" };
      return { headers: flavor, body: { access_token: grant("metadata"), expires_in: 3599, token_type: "Bearer" } };
    },
    "computeMetadata/v1/project/project-id": () => ({
      headers: { ...flavor, "content-type": "application/text" },
      body: project,
    }),
    "computeMetadata/v1/instance": () => ({ headers: flavor, body: "attributes/" }),
  };

  const rank = ({ method, headers, body }: UpstreamRequest, place: Place): Reply => {
    if (refuse) return refuse;
    if (method !== "POST") return error(404, "NOT_FOUND");
    if (!tokens.has(bearer(headers))) return error(401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED");
    if (place.project !== project || headers["x-goog-user-project"] !== project)
      return error(403, "PERMISSION_DENIED", "USER_PROJECT_DENIED");
    if (place.host !== (place.location === "global" ? "" : `${place.location}-`)) return error(404, "NOT_FOUND");
    const parsed = v.safeParse(requestSchema, body);
    if (!parsed.success) return error(400, "INVALID_ARGUMENT");
    const { query, records } = parsed.output;
    if (new Set(records.map(({ id }) => id)).size !== records.length) return error(400, "INVALID_ARGUMENT");
    const scored = records.map(({ id, content }) => ({ id, score: scoreOf(query, content) }));
    return { body: { records: scored.toSorted((one, other) => other.score - one.score) } };
  };

  return {
    grants,
    withdraw: (token) => void tokens.delete(token),
    reply: (request) => {
      const path = request.path.split("?")[0]?.slice(1).replace(/\/$/, "") ?? "";
      const place = rankPath.exec(path)?.groups;
      if (place) return rank(request, { host: "", location: "", project: "", ...place });
      return routes[path]?.(request) ?? error(404, "NOT_FOUND");
    },
  };
}

/** A transport that takes what is meant for Google to the stand-in, and nothing elsewhere. */
export function toStandIn(url: string): Transport {
  return {
    fetch: (input, init) => {
      const { host, pathname, search } = new URL(input instanceof Request ? input.url : input);
      if (!host.endsWith(".googleapis.com")) throw new Error(`a request to ${host}`);
      return fetch(`${url}/${host}${pathname}${search}`, init);
    },
  };
}

/** A workload identity whose own token is in a file. */
export const workload = {
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/cluster",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
};

/** Words that both have, rounded as Google rounds: many are alike, and none is 0. */
export function scoreOf(query: string, content: string): number {
  const words = new Set(query.toLowerCase().split(/\W+/));
  const own = content.toLowerCase().split(/\W+/).filter(Boolean);
  const common = own.filter((word) => words.has(word)).length;
  return Math.max(0.0001, Math.round((common / Math.max(1, own.length)) * 100) / 100);
}

/** The sentence quotes what was sent, as real ones may. */
export function error(code: number, status: string, reason?: string): Reply {
  const message = "the query about a capital cannot be served";
  const details = reason === undefined ? [] : [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason }];
  return { status: code, body: { error: { code, message, status, details } } };
}

interface Place {
  readonly host: string;
  readonly location: string;
  readonly project: string;
}

const rankPath =
  /^(?<host>|us-|eu-)discoveryengine\.googleapis\.com\/v1\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/rankingConfigs\/default_ranking_config:rank$/;

const flavor = { "metadata-flavor": "Google" };

function bearer(headers: UpstreamRequest["headers"]): string {
  return /^Bearer (\S+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
}

/** What a token is given for: an assertion that this key signed, for this scope, for an hour at most; or a user's token. */
function grantOf(form: URLSearchParams): string | undefined {
  if (form.get("grant_type") === "refresh_token") {
    const { client_id, client_secret, refresh_token } = Object.fromEntries(form);
    const isRight =
      client_id === user.client_id && client_secret === user.client_secret && refresh_token === user.refresh_token;
    return isRight ? "user" : undefined;
  }
  if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") return undefined;
  const [header = "", payload = "", signature = ""] = (form.get("assertion") ?? "").split(".");
  const claims = v.safeParse(claimsSchema, decode(payload));
  const isSigned =
    v.is(v.object({ alg: v.literal("RS256") }), decode(header)) &&
    verify("RSA-SHA256", Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, "base64url"));
  if (!isSigned || !claims.success) return undefined;
  const { iat, exp } = claims.output;
  const now = Date.now() / 1000;
  return exp - iat <= 3600 && exp > now && iat <= now + 60 ? "service account" : undefined;
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

const claimsSchema = v.object({
  iss: v.literal(email),
  aud: v.literal("https://oauth2.googleapis.com/token"),
  scope: v.union([v.literal(scope), v.tuple([v.literal(scope)])]),
  iat: v.number(),
  exp: v.number(),
});

const filled = v.pipe(v.string(), v.minLength(1));
const requestSchema = v.strictObject({
  model: v.picklist(["semantic-ranker-default-004", "semantic-ranker-fast-004", "semantic-ranker-default@latest"]),
  query: v.pipe(v.string(), v.minLength(1)),
  records: v.pipe(v.array(v.strictObject({ id: v.string(), content: filled })), v.minLength(1), v.maxLength(200)),
  ignoreRecordDetailsInResponse: v.literal(true),
});
