import {
  isDheeraError,
  type Profile,
  readScores,
  type Score,
  type ScoreCall,
  type ScoreParams,
  type ScoreResult,
} from "@dheera-ai/core";

import type { Line } from "./http-client.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { readTokens } from "./read-usage.ts";
import { type Refusal, readRefusal } from "../errors/read-refusal.ts";
import { applyTemplate, type PromptTemplate, takesInstruction } from "../prompts/templates.ts";

/** One way of asking one server for scores. */
export interface Route {
  readonly url: string;
  readonly profile: Profile;
  /** Parameters the server understands; the others get a warning. `truncate: true` is what everybody does anyway. */
  readonly honours: ReadonlySet<keyof ScoreParams>;
  /** Texts of a call that count against the server's batch limit beside the documents; 1 where the query travels among them. */
  readonly extraTexts: 0 | 1;
  readonly template?: PromptTemplate | undefined;
  body(call: ScoreCall): Readonly<Record<string, unknown>>;
  /** `readScores` unless the answer needs a closer look first. */
  read?(answer: unknown): readonly Score[];
}

export type Outcome = { readonly result: ScoreResult } | { readonly refusal: Refusal };

/** Sends one call along a route. Throws only where no answer came. */
export async function askRoute(route: Route, line: Line, place: Place, call: ScoreCall): Promise<Outcome> {
  const body = route.body(route.template ? applyTemplate(route.template, call) : call);
  const answer = await line.post(route.url, body, call.signal);
  if (answer.status >= 300)
    return { refusal: readRefusal(answer, { place, key: await line.key(), call, body, extraTexts: route.extraTexts }) };
  try {
    const scores = (route.read ?? readScores)(answer.body);
    return { result: { scores, ...extrasOf(route, call.params), ...tokensOf(readTokens(answer)) } };
  } catch (error) {
    // What cannot be read may come from something that is not this kind of server.
    if (isDheeraError(error)) return { refusal: { error, about: "route", status: answer.status } };
    throw error;
  }
}

function tokensOf(tokens: number | undefined): Pick<ScoreResult, "tokens"> {
  return tokens === undefined ? {} : { tokens };
}

const wireNames = {
  truncate: "truncate: false",
  truncationDirection: "truncation_direction",
  rawScores: "raw_scores",
  maxTokensPerDocument: "max_tokens_per_doc",
  instruction: "instruction",
} as const satisfies Record<keyof ScoreParams, string>;

/** Logits where they were asked for, and a warning for each parameter the server does not know. */
function extrasOf({ honours, template }: Route, params: ScoreParams): Pick<ScoreResult, "scoreKind" | "warnings"> {
  const ignored: string[] = [];
  if (params.truncate === false && !honours.has("truncate")) ignored.push(wireNames.truncate);
  if (params.truncationDirection !== undefined && !honours.has("truncationDirection"))
    ignored.push(wireNames.truncationDirection);
  if (params.rawScores && !honours.has("rawScores")) ignored.push(wireNames.rawScores);
  if (params.maxTokensPerDocument !== undefined && !honours.has("maxTokensPerDocument"))
    ignored.push(wireNames.maxTokensPerDocument);
  if (params.instruction !== undefined && !(template ? takesInstruction(template) : honours.has("instruction")))
    ignored.push(wireNames.instruction);
  return {
    ...(params.rawScores && honours.has("rawScores") && { scoreKind: "logit" }),
    ...(ignored.length > 0 && { warnings: [`${ignored.join(", ")} had no effect: the server does not know it`] }),
  };
}
