import { DheeraError, type HttpError, upstreamError } from "@dheera-ai/core";
import { isRecord } from "@dheera-ai/core/provider-utils";

import type { Wanted } from "./body.ts";

/** The error that callers see, with what to do about the refusals whose reason a server names. It quotes nothing. */
export function explainRefusal(error: HttpError, model: string, wanted: Wanted): DheeraError {
  const plain = upstreamError(error, "llm", undefined, `the server of llm/${model}`);
  const said = JSON.stringify(error.body)?.slice(0, mostLooked) ?? "";
  const code = wordsOf(error.body);
  if (error.status === 503 && /unavailable_error/.test(code) && /loading/i.test(said))
    return DheeraError.from(
      new DheeraError("provider_starting", "the server of the model is loading it; try again later"),
      {
        ...factsOf(plain),
        retryAfter: plain.retryAfter ?? secondsToLoad,
      },
    );
  if (
    /context_length|context_window|exceed_context|contextwindow/i.test(code) ||
    /context (?:length|size|window)/i.test(messageOf(error.body))
  )
    return rejected(
      plain,
      `the prompt has more tokens than the model reads${tokensOf(error.body)}; set context_window of this deployment, or lower its window or max_words`,
    );
  if (/content_filter|content_policy|responsibleai|contentpolicy/i.test(code))
    return rejected(plain, "the content filter of the server objects to the query or to a document");
  if (error.status === 429 && /insufficient_quota|billing/i.test(code))
    return DheeraError.from(
      new DheeraError("provider_auth", `${label(model)} says that the account behind our key has no credit left`),
      { ...factsOf(plain), permanent: true },
    );
  const advice = adviceFor(error.status, code, said, wanted);
  return advice === undefined ? plain : DheeraError.from(plain, { message: `${plain.message}: ${advice}` });
}

function adviceFor(status: number | undefined, code: string, said: string, wanted: Wanted): string | undefined {
  if (status === 404) return "api_base of most servers ends in /v1, and the model is the name that the server knows";
  if (status !== 400 && status !== 403 && status !== 422) return undefined;
  if (wanted === "word" && /logprobs/i.test(said))
    return "it may give no log-probabilities, which mode: pointwise needs; set mode: listwise or graded of this deployment";
  if (/response_format|json_schema|json_object/i.test(said))
    return "it may not take this response_format; set response_format: auto or text of this deployment";
  return /unsupported_(?:parameter|value)/.test(code)
    ? "it does not take one of the parameters of this deployment (temperature, reasoning_effort, extra_body)"
    : undefined;
}

/** Seconds after which asking again makes sense: models load for some. */
const secondsToLoad = 5;
/** Characters of a refusal that are looked at. */
const mostLooked = 10_000;

function label(model: string): string {
  return `the server of llm/${model}`;
}

function rejected(plain: DheeraError, message: string): DheeraError {
  return DheeraError.from(new DheeraError("provider_rejected", message), factsOf(plain));
}

/** What is known beside code and message. */
function factsOf({ cause, provider, upstream }: DheeraError): {
  cause: unknown;
  provider: string | undefined;
  upstream: DheeraError["upstream"];
} {
  return { cause, provider, upstream };
}

/** A server's own words for an error: its codes and types, which are names and never sentences. */
function wordsOf(body: unknown): string {
  if (!isRecord(body)) return "";
  const error = isRecord(body["error"]) ? body["error"] : {};
  const inner = isRecord(error["innererror"]) ? error["innererror"] : {};
  const words = [error["code"], error["type"], inner["code"], body["code"], body["type"]];
  return [...words, ...classesOf(messageOf(body))]
    .filter((word) => typeof word === "string" && /^[\w.-]{1,64}$/.test(word))
    .join(" ");
}

/** LiteLLM has no codes: its message begins with the names of its classes. */
function classesOf(message: string): readonly string[] {
  return (/^(?:litellm\.\w{1,64}: )+/.exec(message)?.[0] ?? "").split(": ");
}

function messageOf(body: unknown): string {
  if (!isRecord(body)) return typeof body === "string" ? body : "";
  const { error, message, detail } = body;
  const said = isRecord(error) ? error["message"] : (error ?? message ?? detail);
  return typeof said === "string" ? said : "";
}

/** What a server names as its own figure: where its message begins so, or in a field; a message may quote a document further on. */
function tokensOf(body: unknown): string {
  const [, named] = /^(?:[\w.]+: )*This model's maximum context length is (\d{2,8}) /.exec(messageOf(body)) ?? [];
  const field = isRecord(body) && isRecord(body["error"]) ? body["error"]["n_ctx"] : undefined;
  const tokens = named ?? (typeof field === "number" ? field : undefined);
  return tokens === undefined ? "" : ` (${tokens})`;
}
