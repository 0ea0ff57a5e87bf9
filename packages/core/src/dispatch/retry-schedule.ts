import { backoff } from "./backoff.ts";
import type { CallSettings } from "./dispatch.ts";
import type { Deployment } from "../deployment/deployment.ts";
import type { DheeraError } from "../errors.ts";

/** Refusals for overload beyond `num_retries`, where nobody else could serve: they cost the server nothing, and the admission has made room since. */
export const extraOverloadRetries = 8;

/** The pauses of one batch between its rounds over the deployments. */
export class RetrySchedule {
  readonly #settings: CallSettings;
  readonly #deadline: number;
  #failures = 0;
  #overloads = 0;

  constructor(settings: CallSettings, deadline: number) {
    this.#settings = settings;
    this.#deadline = deadline;
  }

  get count(): number {
    return this.#failures + this.#overloads;
  }

  /** Milliseconds to wait before the next try. @throws the failure, when it was the last try or the next would come too late */
  next(failure: DheeraError, { params }: Deployment, hasAlternative: boolean): number {
    const most = params.max_retries ?? this.#settings.numRetries;
    const isOverload = failure.code === "provider_overloaded" && most > 0 && !hasAlternative;
    const tries = isOverload ? ++this.#overloads : ++this.#failures;
    if (tries > most + (isOverload ? extraOverloadRetries : 0)) throw failure;
    const milliseconds = backoff(tries, Math.max(this.#settings.retryAfter, failure.retryAfter ?? 0));
    if (Date.now() + milliseconds > this.#deadline) throw failure;
    return milliseconds;
  }
}
