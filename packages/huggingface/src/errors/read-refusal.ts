import { DheeraError, readRetryAfter, type ScoreCall } from "@dheera-ai/core";

import type { Key } from "../endpoint/credentials.ts";
import { textOf } from "./error-body.ts";
import type { Answer } from "../wire/http-client.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { providerName } from "./provider-error.ts";
import { readingOf } from "./refusal-rules.ts";

/** Why a server did not give scores. */
export interface Refusal {
  readonly error: DheeraError;
  /**
   * `documents`: these documents, or how many. `route`: there is no reranker behind this route, perhaps behind another. `server`: the server as a
   * whole, or our account. `unclear`: the request, but it does not say what of it.
   */
  readonly about: "documents" | "route" | "server" | "unclear";
  readonly status: number;
}

/** What was asked. */
export interface Asked {
  readonly place: Place;
  readonly key: Key;
  /** Absent when the server was only asked what it is. */
  readonly call?: ScoreCall;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly extraTexts?: 0 | 1;
}

/** Reads a refusal into an error that says what to do. Upstream text goes into no message: it may quote documents. */
export function readRefusal(answer: Answer, asked: Asked): Refusal {
  const {
    code,
    about,
    message,
    learned,
    retryAfter: told,
  } = readingOf({ ...asked, answer, text: textOf(answer.body) });
  const retryAfter = told ?? readRetryAfter(answer.headers.get("retry-after"));
  const error = new DheeraError(code, `${providerName}: ${message} (${reference(answer, asked.place)})`, {
    provider: providerName,
    ...(learned !== undefined && { learned }),
    ...(retryAfter !== undefined && { retryAfter }),
  });
  return { error, about, status: answer.status };
}

/** The status, and at Hugging Face the request's id, which its support asks for. */
function reference({ status, headers }: Answer, { kind }: Place): string {
  const id = kind === "server" ? undefined : /^[\w=;:.-]{1,100}$/.exec(headers.get("x-request-id") ?? "")?.[0];
  return id === undefined ? `HTTP ${status}` : `HTTP ${status}, request ${id}`;
}
