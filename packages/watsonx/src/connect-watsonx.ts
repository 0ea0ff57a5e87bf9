import { DheeraError, type Profile, type ScoreCall, type Scorer, type Target } from "@dheera-ai/core";
import { exchangedCredentials, readScores } from "@dheera-ai/core/provider-utils";

import { exchangeKey } from "./exchange-key.ts";
import { explainRefusal } from "./explain-refusal.ts";
import type { Credential } from "./find-credential.ts";
import type { Options } from "./parse-options.ts";
import { readFacts } from "./read-facts.ts";

/** What a deployment is, when its parameters and the environment have been read. */
export interface Settings {
  readonly options: Options;
  readonly url: string;
  readonly credential: Credential | undefined;
}

/** Asks watsonx.ai, one request a call, with a header that says who asks. */
export function connectWatsonx(target: Target, settings: Settings): Scorer {
  const { url, credential, options } = settings;
  const { model, http } = target;
  const mostTokens = options.truncateInputTokens ?? knownTokens(model);
  const profile: Profile = {
    scoring: "pointwise",
    scoreKind: "logit",
    billing: "per-token",
    fingerprint: `watsonx ${model}`,
    limits: { tokensPerDocument: mostTokens },
  };

  const authorize = authorization(target, credential);

  return {
    profile: () => profile,
    close: () => authorize.close(),
    score: async ({ query, documents, params, signal }) => {
      const body = {
        model_id: model,
        ...options.scope,
        query,
        inputs: documents.map((text) => ({ text })),
        parameters: { ...truncation(params, mostTokens), return_options: { inputs: false, query: false } },
      };
      const answer = await authorize
        .use(signal, (header) => http.json(url, { method: "POST", headers: { authorization: header }, body, signal }))
        .catch((error: unknown) => {
          throw explainRefusal(error, model, signal);
        });
      const { usage, warnings } = readFacts(answer, model);
      return { scores: readScores(answer), warnings: [...ignored(params), ...warnings], ...(usage && { usage }) };
    },
  };
}

interface Authorization {
  /** Calls with the value of the header `authorization`. */
  use<R>(signal: AbortSignal, call: (header: string) => Promise<R>): Promise<R>;
  close(): void;
}

/** A token is as good as it is; a key is exchanged, and once more where the token was withdrawn. */
function authorization({ http }: Target, credential: Credential | undefined): Authorization {
  if (credential?.kind === "key") {
    const { value: key, iamUrl } = credential;
    const tokens = exchangedCredentials({
      provider: "watsonx",
      exchange: (signal) => exchangeKey(http, { key, iamUrl }, signal),
    });
    return {
      use: (signal, call) => tokens.use(signal, (token) => call(`Bearer ${token}`)),
      close: () => tokens.close(),
    };
  }
  const header = credential && `${credential.kind === "zen" ? "ZenApiKey" : "Bearer"} ${credential.value}`;
  return {
    use: async (_, call) => {
      if (header !== undefined) return call(header);
      throw new DheeraError(
        "provider_auth",
        "there is no key for watsonx that may be sent to this address; set api_key, zen_api_key or token of this deployment, or WATSONX_APIKEY",
        { provider: "watsonx", permanent: true },
      );
    },
    close: () => {},
  };
}

/** What is too long is refused unless the number of tokens to cut at is named, and a number above the model's is refused too. */
function truncation(
  { truncate = true, maxTokensPerDocument }: ScoreCall["params"],
  mostTokens: number | undefined,
): { readonly truncate_input_tokens?: number } {
  const asked = maxTokensPerDocument ?? (truncate ? mostTokens : undefined);
  return asked === undefined ? {} : { truncate_input_tokens: Math.min(asked, mostTokens ?? asked) };
}

function ignored({ truncationDirection, instruction }: ScoreCall["params"]): readonly string[] {
  return [
    ...(truncationDirection === "left" ? ["watsonx has no truncation_direction: left; it had no effect"] : []),
    ...(instruction === undefined ? [] : ["watsonx has no instruction; it had no effect"]),
  ];
}

/** Tokens that the models of IBM's own list read of one input. */
function knownTokens(model: string): number | undefined {
  return model.toLowerCase() === "cross-encoder/ms-marco-minilm-l-12-v2" ? 512 : undefined;
}
