import {
  type HttpAnswer,
  isDheeraError,
  type Profile,
  type Score,
  type ScoreCall,
  type ScoreParams,
  type ScoreResult,
  type Usage,
} from "@dheera-ai/core";
import { readScores } from "@dheera-ai/core/provider-utils";

import type { Endpoint } from "../endpoint/endpoint.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import type { Refusal, SentRequest } from "../errors/refusal.ts";
import { applyTemplate, type PromptTemplate, takesInstruction } from "../prompts/templates.ts";
import type { HttpClient } from "./http-client.ts";

/** One way of asking one server for scores. */
export interface CallRecipe {
  readonly url: string;
  readonly profile: Profile;
  /**
   * The server does not say which revision it serves: its number format, so that its scores of a fixed pair can tell.
   * Absent where the fingerprint names the revision.
   */
  readonly unnamedWeights?: "single" | "half";
  /**
   * Parameters the server understands; the others get a warning. `truncate: true` is what every server does or can be
   * made to do.
   */
  readonly supports: ReadonlySet<keyof ScoreParams>;
  /**
   * Texts of a call that count against the server's batch limit beside the documents; 1 where the query travels among
   * them.
   */
  readonly extraTexts: 0 | 1;
  readonly template?: PromptTemplate | undefined;
  body(call: ScoreCall): Readonly<Record<string, unknown>>;
  /** Where the server counts tokens, if it does. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Reads the scores of an answer; `readScores` of core when absent. */
  readScores?(body: unknown): readonly Score[];
  /** What the server says the call used; undefined where its answer says nothing. */
  readUsage(answer: HttpAnswer): Usage | undefined;
}

/** A route that splits texts into tokens as the model does. */
export interface Tokenizer {
  readonly url: string;
  body(texts: readonly string[]): Readonly<Record<string, unknown>>;
  /** The tokens of each text, special ones included; undefined where the answer is of another kind. */
  readCounts(answer: unknown): readonly number[] | undefined;
}

export type CallOutcome = { readonly result: ScoreResult } | { readonly refusal: Refusal };

/** Sends one call by a recipe. Rejects only where no answer came. */
export function sendCall(
  recipe: CallRecipe,
  client: HttpClient,
  endpoint: Endpoint,
  call: ScoreCall,
): Promise<CallOutcome> {
  const { template } = recipe;
  const body = recipe.body(template ? applyTemplate(template, call) : call);
  // Without `async`, which would take two promises more of every call.
  return client
    .post(recipe.url, body, call.signal)
    .then((answer) =>
      answer.status >= 300
        ? refusalOf(answer, recipe, client, { endpoint, call, body })
        : readResult(answer, recipe, call.params),
    );
}

async function refusalOf(
  answer: HttpAnswer,
  { extraTexts }: CallRecipe,
  client: HttpClient,
  sent: Pick<SentRequest, "endpoint" | "call" | "body">,
): Promise<CallOutcome> {
  return { refusal: readRefusal(answer, { ...sent, key: await client.key(), extraTexts }) };
}

function readResult(answer: HttpAnswer, recipe: CallRecipe, params: ScoreParams): CallOutcome {
  try {
    const scores = (recipe.readScores ?? readScores)(answer.body);
    const usage = recipe.readUsage(answer);
    return { result: { scores, ...scoreKindAndWarnings(recipe, params), ...(usage && { usage }) } };
  } catch (error) {
    // An answer that cannot be read may come from another kind of server.
    if (isDheeraError(error)) return { refusal: { error, about: "recipe", status: answer.status } };
    throw error;
  }
}

/** `logit` where logits were asked for, and a warning that names each parameter the server does not know. */
function scoreKindAndWarnings(
  { supports, template }: CallRecipe,
  params: ScoreParams,
): Pick<ScoreResult, "scoreKind" | "warnings"> {
  const ignored: string[] = [];
  if (params.truncate === false && !supports.has("truncate")) ignored.push(wireNames.truncate);
  if (params.truncationDirection !== undefined && !supports.has("truncationDirection"))
    ignored.push(wireNames.truncationDirection);
  if (params.rawScores && !supports.has("rawScores")) ignored.push(wireNames.rawScores);
  if (params.maxTokensPerDocument !== undefined && !supports.has("maxTokensPerDocument"))
    ignored.push(wireNames.maxTokensPerDocument);
  if (params.instruction !== undefined && !(template ? takesInstruction(template) : supports.has("instruction")))
    ignored.push(wireNames.instruction);
  return {
    ...(params.rawScores && supports.has("rawScores") && { scoreKind: "logit" }),
    ...(ignored.length > 0 && { warnings: [`${ignored.join(", ")} had no effect: the server does not know it`] }),
  };
}

/** Parameters as callers write them. Core warns of `relevantSpans` itself. */
const wireNames = {
  truncate: "truncate: false",
  truncationDirection: "truncation_direction",
  rawScores: "raw_scores",
  maxTokensPerDocument: "max_tokens_per_doc",
  instruction: "instruction",
} as const satisfies Record<Exclude<keyof ScoreParams, "relevantSpans">, string>;
