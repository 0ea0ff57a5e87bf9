import {
  DheeraError,
  isDheeraError,
  type ScoreCall,
  type Scorer,
  type ScoreResult,
  type Target,
} from "@dheera-ai/core";
import { type Environment, plainText, upstreamError } from "@dheera-ai/core/provider-utils";

import { firstKnownAddress } from "./address/first-known-address.ts";
import { pathValues } from "./address/path-values.ts";
import { placeOfRow } from "./address/place-of-row.ts";
import { urlOfRow } from "./address/url-of-row.ts";
import { answerOfRow, errorCodeOf, type RowAnswer } from "./answer-of-row.ts";
import type { DefinedRow } from "./define-row.ts";
import { parseOptions } from "./parse-options.ts";
import { withLearnedLimits } from "./refusal-of-row.ts";
import { requestOfRow } from "./request-of-row.ts";
import type { Row } from "./row.ts";
import { serviceOfRow } from "./service-of-row.ts";

/**
 * Serves one deployment as its row says: one request a call, with the key in a header and JSON both ways.
 * @throws DheeraError `invalid_request` where the deployment's parameters cannot be used
 */
export function connectRow({ row, hooks }: DefinedRow, target: Target, environment: Environment): Scorer {
  const { name } = row;
  const { options, http } = target;
  const place = placeOfRow(row, target, environment);
  const service = serviceOfRow(row, target.model, place, parseOptions(options, name));
  const { label, request, response } = service;
  const model = modelName(row, target.model);
  const path = hooks.path?.(service.path, { model, options, environment }) ?? service.path;
  const values = { model, ...pathValues(row, path, options, environment) };
  const otherPaths = place.isOwn || place.base.pathname !== "/" ? [] : (row.elsewhere?.other_paths ?? []);
  const urls = [path, ...otherPaths].map((one) => urlOfRow(row, place.base, one, values));
  const post = firstKnownAddress(http, urls);
  const headers = { ...row.headers, ...keyHeader(row, place.key) };
  const isWithoutKey = place.isOwn && !row.key_optional && place.key === undefined;
  const toBody = requestOfRow(request, { provider: name, label, model }, hooks.options);
  const toAnswer = answerOfRow(response);
  const asksDetails: Scorer["asksDetails"] & {} = (_, { relevantSpans }) =>
    response.details !== undefined && request.relevant_spans !== undefined && relevantSpans !== undefined;
  let { profile } = service;

  return {
    takesProviderOptions: hooks.options !== undefined || request.options !== undefined,
    asksDetails,
    profile: () => profile,
    async score(call: ScoreCall): Promise<ScoreResult> {
      if (isWithoutKey) throw noKey(row, label);
      const { body, warnings } = toBody(call);
      const sent = { method: "POST", headers, body: hooks.body?.(body, call) ?? body, signal: call.signal };
      const { answer, url } = await post(sent).catch((error: unknown) => {
        const told = upstreamError(error, name, call.signal, `${label} (${name}/${target.model})`);
        throw withLearnedLimits(told, row.refusals);
      });

      const read = readOrRefuse(() => toAnswer(answer, asksDetails({}, call.params)), {
        provider: name,
        url,
        code: () => errorCodeOf(answer, response),
      });
      const said = { ...resultOf(read), warnings: [...warnings, ...otherModel(label, model, read.model)] };
      const result = hooks.read?.(answer, said, call) ?? said;
      const { scoreKind } = result;
      if (scoreKind !== undefined && scoreKind !== profile.scoreKind && !call.params.rawScores)
        profile = { ...profile, scoreKind };
      return result;
    },
  };
}

function modelName({ model_prefix: prefix }: Row, model: string): string {
  return prefix === undefined || model.includes("/") ? model : prefix + model;
}

function keyHeader({ key_header = "authorization", key_prefix }: Row, key: string | undefined): Record<string, string> {
  const prefix = key_prefix ?? (key_header.toLowerCase() === "authorization" ? "Bearer " : "");
  return key === undefined ? {} : { [key_header]: prefix + key };
}

function noKey({ name, api_key_env = [] }: Row, label: string): DheeraError {
  const places = [...api_key_env.slice(0, 1), "api_key of this deployment"].join(", or ");
  return new DheeraError("provider_auth", `there is no key for ${label}; set ${places}`, { provider: name });
}

/** An answer with a status of success can hold no ranking; its own name for the error is for operators alone. */
function readOrRefuse(
  read: () => RowAnswer,
  facts: { readonly provider: string; readonly url: string; readonly code: () => string | undefined },
): RowAnswer {
  try {
    return read();
  } catch (error) {
    if (!isDheeraError(error)) throw error;
    const { origin, pathname } = new URL(facts.url);
    const upstream = { address: origin + pathname, code: facts.code() };
    throw DheeraError.from(error, { provider: facts.provider, upstream });
  }
}

function resultOf({ scores, usage }: RowAnswer): ScoreResult {
  return { scores, ...(usage && { usage }) };
}

/** Its scores may be on another scale. */
function otherModel(label: string, asked: string, served: string | undefined): readonly string[] {
  return served === undefined || served === asked
    ? []
    : [`${label} served the model ${plainText(served, mostOfName)} in place of ${asked}`];
}

/** Characters. */
const mostOfName = 100;
