import {
  DheeraError,
  type Profile,
  type ScoreCall,
  type ScoreParams,
  type Scorer,
  type ScoreResult,
  type Target,
} from "@dheera-ai/core";
import { readScores, upstreamError } from "@dheera-ai/core/provider-utils";

import { readFacts } from "./read-answer.ts";

/** A rerank API that takes a key in a header and JSON in Cohere's shape: what differs between such APIs, as data. */
export interface BearerService {
  /** Name of the provider. */
  readonly provider: string;
  /** For people: `Cohere`. */
  readonly label: string;
  readonly url: string;
  readonly key: string | undefined;
  /** What to say when there is no key; absent where none is needed. */
  readonly keyNeeded?: string;
  /** Before an answer has said more. */
  readonly profile: Profile;
  /** Names of the parameters that the API has. The caller is warned that the others had no effect. */
  readonly parameters: Readonly<Partial<Record<ParameterName, string>>>;
  /** Fields of the body for the options of this provider. @throws DheeraError `invalid_request` */
  optionFields(options: ScoreCall["providerOptions"]): Readonly<Record<string, unknown>>;
}

/** Core warns of `relevantSpans` itself. */
type ParameterName = Exclude<keyof ScoreParams, "relevantSpans">;

/** The parameters that a Dheera AI proxy has, and other servers leave out when they do not know them. */
export const everyParameter = {
  truncate: "truncate",
  truncationDirection: "truncation_direction",
  rawScores: "raw_scores",
  maxTokensPerDocument: "max_tokens_per_doc",
  instruction: "instruction",
} as const satisfies Record<ParameterName, string>;

/**
 * Asks a service, one request a call. `top_n` and `return_documents` are never sent: core cuts, and has the documents.
 */
export function connectService(service: BearerService, { model, http }: Target): Scorer {
  const { provider, label, url, key, keyNeeded, parameters } = service;
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  let { profile } = service;

  return {
    takesProviderOptions: true,
    profile: () => profile,
    async score({ query, documents, params, providerOptions, signal }: ScoreCall): Promise<ScoreResult> {
      if (keyNeeded !== undefined && key === undefined) throw new DheeraError("provider_auth", keyNeeded, { provider });
      const fields = { ...parameterFields(params, parameters), ...service.optionFields(providerOptions) };
      const body = { model, query, documents, ...fields };
      const answer = await http.json(url, { method: "POST", headers, body, signal }).catch((error: unknown) => {
        throw upstreamError(error, provider, signal, `${label} (${provider}/${model})`);
      });

      const { scoreKind, usage, reranked, warnings } = readFacts(answer);
      if (!reranked)
        throw new DheeraError("provider_failed", "the upstream could not rank and answered in the order it was sent", {
          provider,
        });
      if (scoreKind !== undefined && scoreKind !== profile.scoreKind && !params.rawScores)
        profile = { ...profile, scoreKind };
      return {
        scores: readScores(answer),
        warnings: [...ignoredParameters(service, params), ...warnings],
        ...(usage && { usage }),
        ...(scoreKind !== undefined && { scoreKind }),
      };
    },
  };
}

function parameterFields(params: ScoreParams, names: BearerService["parameters"]): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const parameter of parameterNames) {
    const name = names[parameter];
    if (name !== undefined && params[parameter] !== undefined) fields[name] = params[parameter];
  }
  return fields;
}

const parameterNames = Object.keys(everyParameter) as ParameterName[];

/** A sentence for each parameter that was asked for and is missing here; what is the default anyway is not missed. */
function ignoredParameters({ label, parameters }: BearerService, params: ScoreParams): readonly string[] {
  const asked: Readonly<Record<ParameterName, string | false | undefined>> = {
    truncate: params.truncate === false && "truncate: false",
    truncationDirection: params.truncationDirection === "left" && "truncation_direction: left",
    rawScores: params.rawScores && "raw_scores: true",
    maxTokensPerDocument: params.maxTokensPerDocument !== undefined && "max_tokens_per_doc",
    instruction: params.instruction !== undefined && "instruction",
  };
  return parameterNames.flatMap((parameter) =>
    asked[parameter] && parameters[parameter] === undefined
      ? [`${label} has no ${asked[parameter]}; it had no effect`]
      : [],
  );
}
