import type { Profile, ScoreCall, Scorer, Target } from "@dheera-ai/core";
import { type Environment, exchangedCredentials } from "@dheera-ai/core/provider-utils";

import { askToken } from "./credentials/ask-token.ts";
import { findEndpoint } from "./endpoint.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { factsOfModel } from "./facts.ts";
import type { Options } from "./parse-options.ts";
import { readRecords } from "./read-records.ts";

/** Google refuses a whole request for a record with neither title nor content. */
const withoutText = "-";

/** Asks Discovery Engine, one request a call, with a token that is renewed before it ends. */
export function connectVertexAi(target: Target, options: Options, environment: Environment): Scorer {
  const { model, apiBase, http } = target;
  const endpoint = findEndpoint(apiBase, options.location);
  const access = exchangedCredentials({
    provider: "vertex_ai",
    exchange: (signal) => askToken({ http, environment, options, mayUseEnvironment: endpoint.isGoogle }, signal),
  });
  const { tokensPerDocument, price } = factsOfModel(model);
  const profile: Profile = {
    scoring: "pointwise",
    scoreKind: "probability",
    billing: "per-search",
    fingerprint: `vertex_ai ${model}`,
    limits: { documentsPerCall: 200, tokensPerDocument },
    price,
    warnings: options.warnings,
  };

  return {
    profile: () => profile,
    close: () => access.close(),
    score: async ({ query, documents, params, signal }) => {
      const body = {
        model,
        query,
        records: documents.map((text, index) => ({ id: String(index), content: text || withoutText })),
        // Of each record its id and its score come back, and not its text.
        ignoreRecordDetailsInResponse: true,
      };
      const answer = await access
        .use(signal, ({ token, project }) =>
          http.json(endpoint.urlFor(project), {
            method: "POST",
            headers: { authorization: `Bearer ${token}`, "x-goog-user-project": project },
            body,
            signal,
          }),
        )
        .catch((error: unknown) => {
          throw explainRefusal(error, model, signal);
        });
      return { scores: readRecords(answer), warnings: ignored(params) };
    },
  };
}

/** A sentence for each parameter that was asked for; Discovery Engine cuts what is too long, and has no choice in anything. */
function ignored(params: ScoreCall["params"]): readonly string[] {
  const asked = [
    params.truncate === false && "truncate: false",
    params.truncationDirection === "left" && "truncation_direction: left",
    params.rawScores && "raw_scores: true",
    params.maxTokensPerDocument !== undefined && "max_tokens_per_doc",
    params.instruction !== undefined && "instruction",
  ];
  return asked.flatMap((parameter) => (parameter ? [`Vertex AI has no ${parameter}; it had no effect`] : []));
}
