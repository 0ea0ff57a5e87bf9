import type { Answer } from "./read-answer.ts";

/**
 * Answers of attempts that failed as a whole because another of their exchanges did: the attempt in their place gets them
 * without paying again. They belong to one call of one caller, are nobody else's, and go when that call has ended. Within
 * it they are known by the body of the request, which is the same because prompts are.
 */
export class PaidAnswers {
  readonly #kept = new WeakMap<object, Map<string, Answer>>();

  /** @param call what all attempts of it have in common and no other call has; undefined keeps nothing */
  keep(call: object | undefined, body: string, answer: Answer): void {
    if (!call) return;
    const answers = this.#kept.get(call) ?? new Map<string, Answer>();
    this.#kept.set(call, answers.set(body, answer));
  }

  /** The answer, once. */
  take(call: object | undefined, body: string): Answer | undefined {
    const answers = call && this.#kept.get(call);
    const answer = answers?.get(body);
    answers?.delete(body);
    return answer;
  }
}
