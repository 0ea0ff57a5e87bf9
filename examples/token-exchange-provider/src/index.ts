import {
  DheeraError,
  type Profile,
  type Provider,
  type ScoreCall,
  type Scorer,
  type ScoreResult,
  type Target,
} from "@dheera-ai/core";
import { type Exchanged, exchangedCredentials } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/**
 * Quill takes no key with a request: `POST /oauth/token` exchanges client id and secret for a token that expires, and
 * `POST /v2/rank` answers `{ "ranks": [{ "id": 2, "relevance": 0.93 }], "billing": { "input_tokens": 412, "usd": 0.0002
 * } }` to it.
 */
const quill: Provider = { name: "quill", connect };

export default quill;

function connect(target: Target): Scorer {
  const options = parseOptions(target.options);
  const credentials = exchangedCredentials({
    provider: "quill",
    exchange: (signal) => askToken(target, options, signal),
  });

  return {
    profile: () => profileOf(target),
    close: () => credentials.close(),
    score: (call) => credentials.use(call.signal, (token) => score(target, call, token)),
  };
}

async function askToken(
  { apiKey, apiBase = "https://api.quill.example", http }: Target,
  { client_id, token_url = `${apiBase}/oauth/token` }: Options,
  signal: AbortSignal,
): Promise<Exchanged<string>> {
  if (apiKey === undefined)
    throw new DheeraError("provider_auth", "quill has no client secret; set api_key of this deployment");
  const answer = await http.json(token_url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret: apiKey }).toString(),
    signal,
  });
  const parsed = v.safeParse(tokenSchema, answer);
  if (!parsed.success) throw new DheeraError("provider_bad_response", "quill's answer to the exchange holds no token");
  return { value: parsed.output.access_token, expiresIn: parsed.output.expires_in };
}

async function score(target: Target, { query, documents, signal }: ScoreCall, token: string): Promise<ScoreResult> {
  const { model, apiBase = "https://api.quill.example", http } = target;
  const answer = await http.json(`${apiBase}/v2/rank`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: { model, query, texts: documents },
    signal,
  });
  const parsed = v.safeParse(ranksSchema, answer);
  if (!parsed.success) throw new DheeraError("provider_bad_response", "quill's answer holds no ranks");
  const { ranks, billing } = parsed.output;
  return {
    scores: ranks.map(({ id, relevance }) => ({ index: id, score: relevance })),
    ...(billing && { usage: { inputTokens: billing.input_tokens, cost: billing.usd } }),
  };
}

function profileOf({ model }: Target): Profile {
  return {
    scoring: "pointwise",
    scoreKind: "probability",
    billing: "per-token",
    fingerprint: `quill ${model}`,
    limits: { documentsPerCall: 500 },
  };
}

/** Keys of `dheera_ai_params` that are Quill's own. */
function parseOptions(options: Target["options"]): Options {
  const parsed = v.safeParse(optionsSchema, options);
  if (parsed.success) return parsed.output;
  throw new DheeraError("invalid_request", "client_id and token_url must be texts, and client_id is needed");
}

type Options = v.InferOutput<typeof optionsSchema>;

const optionsSchema = v.object({ client_id: v.string(), token_url: v.optional(v.string()) });
const tokenSchema = v.object({ access_token: v.string(), expires_in: v.number() });
const ranksSchema = v.object({
  ranks: v.array(v.object({ id: v.number(), relevance: v.number() })),
  billing: v.optional(v.object({ input_tokens: v.number(), usd: v.number() })),
});
