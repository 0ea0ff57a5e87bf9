import {
  DheeraError,
  type Profile,
  type Provider,
  type ScoreCall,
  type ScoreResult,
  type Target,
} from "@dheera-ai/core";
import * as v from "valibot";

/** Acme answers `POST /v1/relevance` with `{ "relevance": [{ "passage": 2, "value": 0.93 }], "tokens": 412 }`. */
const acme: Provider = {
  name: "acme",
  connect: (target) => ({ profile: () => profileOf(target), score: (call) => score(target, call) }),
};

export default acme;

function profileOf({ model }: Target): Profile {
  return {
    scoring: "pointwise",
    scoreKind: "probability",
    billing: "per-token",
    fingerprint: `acme ${model}`,
    limits: { documentsPerCall: 100 },
  };
}

async function score(target: Target, { query, documents, signal }: ScoreCall): Promise<ScoreResult> {
  const { model, apiBase = "https://api.acme.example", apiKey, http } = target;
  const answer = await http.json(`${apiBase}/v1/relevance`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}` },
    body: { model, question: query, passages: documents },
    signal,
  });
  const parsed = v.safeParse(schema, answer);
  if (!parsed.success) throw new DheeraError("provider_bad_response", "Acme's answer holds no relevance");
  const { relevance, tokens } = parsed.output;
  return {
    scores: relevance.map(({ passage, value }) => ({ index: passage, score: value })),
    usage: { inputTokens: tokens },
  };
}

const schema = v.object({
  relevance: v.array(v.object({ passage: v.number(), value: v.number() })),
  tokens: v.number(),
});
