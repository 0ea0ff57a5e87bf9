import {
  DheeraError,
  type Http,
  type HttpRequest,
  isDheeraError,
  type Provider,
  type Scorer,
  type Target,
} from "@dheera-ai/core";
import { type Environment, exchangedCredentials } from "@dheera-ai/core/provider-utils";

import { askToken } from "./entra/ask-token.ts";
import type { EntraCredential } from "./find-credential.ts";

export interface TokenSettings {
  readonly credential: EntraCredential;
  /** What the token is for; Azure's cognitive services when absent. */
  readonly scope: string | undefined;
  readonly environment: Environment;
}

/**
 * Nobody has confirmed which scope each kind of endpoint takes: this one is LiteLLM's, and serverless endpoints may want
 * `https://ml.azure.com/.default`.
 */
const defaultScope = "https://cognitiveservices.azure.com/.default";

/** The row's scorer, of whose requests each carries a token: asked for once, renewed before it ends and after a 401. */
export function connectWithToken(
  withKey: Provider,
  target: Target,
  { credential, scope, environment }: TokenSettings,
): Scorer {
  const asked = scope ?? environment["AZURE_SCOPE"]?.trim() ?? defaultScope;
  const tokens = tokensOf(target, credential, asked, environment);
  const scorer = withKey.connect({ ...target, apiKey: placeOfToken, http: withToken(target.http, tokens) });
  return {
    ...scorer,
    score: (call) =>
      scorer.score(call).catch((error: unknown) => {
        throw explain(error, asked);
      }),
    close: async () => {
      tokens.close();
      await scorer.close?.();
    },
  };
}

/** The row sends a key; the token stands in its place in each request. */
const placeOfToken = "token";

interface Tokens {
  use<R>(signal: AbortSignal, call: (token: string) => Promise<R>): Promise<R>;
  close(): void;
}

function tokensOf(target: Target, credential: EntraCredential, scope: string, environment: Environment): Tokens {
  if (credential.kind === "token") return { use: (_, call) => call(credential.token), close: () => {} };
  return exchangedCredentials({
    provider: "azure_ai",
    exchange: (signal) => askToken({ http: target.http, credential, scope, environment }, signal),
  });
}

function withToken(http: Http, tokens: Tokens): Http {
  const send = <R>(request: HttpRequest = {}, call: (request: HttpRequest) => Promise<R>): Promise<R> =>
    tokens.use(request.signal ?? new AbortController().signal, (token) =>
      call({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } }),
    );
  return {
    json: (url, request) => send(request, (sent) => http.json(url, sent)),
    request: (url, request) => send(request, (sent) => http.request(url, sent)),
  };
}

/** A refused token is no refused key. */
function explain(error: unknown, scope: string): unknown {
  if (!isDheeraError(error)) return error;
  const { status } = error.upstream ?? {};
  if (error.code !== "provider_auth" || (status !== 401 && status !== 403)) return error;
  const message = `Azure AI Foundry refused the token of Microsoft Entra (HTTP ${status}); give the application the role Cognitive Services User there, and check azure_scope, which is ${scope}`;
  return DheeraError.from(error, { message });
}
