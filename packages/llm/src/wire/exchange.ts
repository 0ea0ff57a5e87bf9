import { DheeraError, type HttpAnswer, HttpError, type ScoreCall, type Target, upstreamError } from "@dheera-ai/core";

import type { Endpoint } from "../endpoint/find-endpoint.ts";
import type { Options } from "../options/parse-options.ts";
import { bodyOf, type Wanted, type WritePrompt } from "./body.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { changeHabits, firstHabits, type Habits } from "./habits.ts";
import { PaidAnswers } from "./paid-answers.ts";
import { type Answer, readAnswer } from "./read-answer.ts";
import { Turns } from "./turns.ts";

/** Changes that one request may need: a format twice, a bound, a temperature, an effort, a role. */
const mostChanges = 7;

/** Asks the model of one deployment, and remembers how its server wants to be asked. */
export class Exchanges {
  readonly #target: Pick<Target, "model" | "http">;
  readonly #options: Options;
  readonly #endpoint: Endpoint;
  readonly #paid = new PaidAnswers();
  readonly #turns: Turns;
  #habits: Habits;

  constructor(target: Pick<Target, "model" | "http">, options: Options, endpoint: Endpoint) {
    this.#target = target;
    this.#options = options;
    this.#endpoint = endpoint;
    this.#turns = new Turns(options.maxParallel);
    this.#habits = firstHabits(options, endpoint.isOpenAi);
  }

  /** The exchanges of one call. */
  begin({ signal, sameCall }: Pick<ScoreCall, "signal" | "sameCall">): CallExchanges {
    const answered: Answered[] = [];
    return {
      ask: async (write, wanted, read, ownSignal = signal) => {
        const one = await this.#ask(write, wanted, { signal: ownSignal, sameCall });
        const result = read(one.answer);
        answered.push(one);
        return result;
      },
      keepPaid: () => {
        for (const { body, answer } of answered) this.#paid.keep(sameCall, body, answer);
      },
    };
  }

  /** A habit that a refusal suggested is one when the server answers: a refusal may quote what it was sent. */
  async #ask(
    write: WritePrompt,
    wanted: Wanted,
    call: Pick<ScoreCall, "signal" | "sameCall">,
    changed: Partial<Habits> = {},
    changes: number = 0,
  ): Promise<Answered> {
    if (this.#endpoint.lacksKey) throw noKey();
    const { model } = this.#target;
    const habits = { ...this.#habits, ...changed };
    const fields = bodyOf(write, wanted, this.#options, habits, this.#endpoint.namesModel ? model : undefined);
    const body = JSON.stringify(fields);
    const paid = this.#paid.take(call.sameCall, body);
    if (paid) return { body, answer: paid };
    const answer = await this.#send(body, call.signal).catch((error: unknown) => {
      throw upstreamError(error, "llm", call.signal, `the server of llm/${model}`);
    });
    if (answer.status < 400) {
      this.#habits = { ...this.#habits, ...changed };
      return { body, answer: readAnswer(answer) };
    }
    const isOfBody = (answer.status === 400 || answer.status === 422) && changes < mostChanges;
    const refused = { habits, sent: new Set(Object.keys(fields)), body: answer.body };
    const change = isOfBody ? changeHabits(refused, this.#options, changed.bound !== undefined) : undefined;
    if (change === undefined) throw explainRefusal(new HttpError(answer, undefined, this.#endpoint.url), model, wanted);
    return this.#ask(write, wanted, call, { ...changed, ...change }, changes + 1);
  }

  #send(body: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#turns.run(signal, () =>
      this.#target.http.request(this.#endpoint.url, {
        method: "POST",
        headers: { ...this.#endpoint.headers, "content-type": "application/json" },
        body,
        signal,
      }),
    );
  }
}

interface Answered {
  readonly body: string;
  readonly answer: Answer;
}

function noKey(): DheeraError {
  return new DheeraError(
    "provider_auth",
    "there is no key for llm that may be sent to this address; set api_key of this deployment, or OPENAI_API_KEY for OpenAI's own",
    { provider: "llm", permanent: true },
  );
}

export interface CallExchanges {
  /** @throws DheeraError, and what `read` throws where the answer is of no use */
  ask<Result>(
    write: WritePrompt,
    wanted: Wanted,
    read: (answer: Answer) => Result,
    signal?: AbortSignal,
  ): Promise<Result>;
  /** Keeps the answers that were of use, because this attempt fails: the one in its place need not pay for them again. */
  keepPaid(): void;
}
